// On a phone the account menu is a line that scrolls: it begins at the page that is shown. Browsers that know
// scroll-initial-target have seen to it without a script.
for (const here of document.querySelectorAll(".hk-aside [aria-current]")) {
  const line = here.closest("ul");
  const [all, own] = [line, here].map((box) => box.getBoundingClientRect());
  const isOutside = own.left < all.left || own.right > all.right;
  if (isOutside) line.scrollLeft += own.left - all.left - (all.width - own.width) / 2;
}
