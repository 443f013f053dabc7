// Copies or prints what a page shows once. Downloading needs no script.
for (const button of document.querySelectorAll("[data-hk-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.hkCopy).innerText);
    button.textContent = button.dataset.hkDone;
  });
}
for (const button of document.querySelectorAll("[data-hk-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
