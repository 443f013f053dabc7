// Fills in a passphrase that the server made, and shows it.
for (const button of document.querySelectorAll("[data-hk-passphrase]")) {
  const input = document.getElementById(button.dataset.hkPassphrase);
  const words = document.getElementById(button.getAttribute("aria-describedby"));
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const answer = await fetch(button.dataset.hkUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const { passphrase } = await answer.json();
      input.value = passphrase;
      input.dispatchEvent(new Event("hk-show"));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      // In full, too: on a phone it is longer than the field.
      words.replaceChildren(Object.assign(document.createElement("strong"), { textContent: passphrase }), " ", words.dataset.hkDone);
    } catch {
      words.textContent = words.dataset.hkFailed;
    }
  });
}
