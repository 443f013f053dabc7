"""A phone's camera, for tests: reads the QR code of a picture of a page."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Page

# A blank page, since the content security policy of ours takes no picture from elsewhere.
_PIXELS = """async (png) => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const data = context.getImageData(0, 0, picture.width, picture.height).data;
  let grey = "";
  for (let at = 0; at < data.length; at += 4) {
    grey += String.fromCharCode((data[at] + data[at + 1] + data[at + 2]) / 3);
  }
  return {width: picture.width, height: picture.height, grey: btoa(grey)};
}"""


def qr_code_on(page: Page) -> str:
    """What the QR code says that can be seen on the page now."""
    import zxingcpp

    shot = base64.b64encode(page.screenshot(full_page=True)).decode()
    blank = page.context.new_page()
    try:
        seen: Any = blank.evaluate(_PIXELS, shot)
    finally:
        blank.close()
    pixels = memoryview(base64.b64decode(seen["grey"])).cast("B", shape=[seen["height"], seen["width"]])
    found = zxingcpp.read_barcode(pixels, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    assert found is not None, "no QR code can be read on the page"
    return str(found.text)
