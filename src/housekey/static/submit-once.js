// A second click on a form that is already on its way does nothing.
const PATIENCE = 10_000; // milliseconds after which it can be sent again, should no answer have come

for (const form of document.querySelectorAll("form[data-hk-once]")) {
  let going = false;
  const mark = (gone) => {
    going = gone;
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      if (gone) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
    if (gone) setTimeout(() => mark(false), PATIENCE);
  };
  form.addEventListener("submit", (event) => {
    if (going) event.preventDefault();
    else setTimeout(() => mark(!event.defaultPrevented)); // after others had their say
  });
  // Back from the next page out of the browser's memory: the form can be sent again.
  addEventListener("pageshow", () => mark(false));
}
