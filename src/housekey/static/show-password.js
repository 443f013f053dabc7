// Shows and hides what was typed in a password field.
for (const button of document.querySelectorAll("[data-hk-show]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // A browser may keep the contents of a text field for its suggestions, so send it as a password.
  input.form?.addEventListener("submit", () => show(false));
  input.addEventListener("hk-show", () => show(true));
}
