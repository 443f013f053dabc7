// Tells how strong a new password is while it is typed. The server judges again when the form is sent.
const PAUSE = 350; // milliseconds without a key before the server is asked

for (const meter of document.querySelectorAll("[data-hk-strength]")) {
  const input = document.getElementById(meter.dataset.hkStrength);
  const words = meter.querySelector("p");
  let timer, asked;

  const ask = async () => {
    asked = new AbortController();
    try {
      const answer = await fetch(meter.dataset.hkUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ password: input.value }),
        signal: asked.signal,
      });
      if (!answer.ok) throw new Error(answer.statusText);
      const { score, word, reason } = await answer.json();
      meter.dataset.hkScore = score;
      words.textContent = [word, reason].filter(Boolean).join(". ");
      meter.hidden = score === null; // the site has no meter
    } catch (error) {
      if (error.name !== "AbortError") meter.hidden = true;
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    if (input.value) timer = setTimeout(ask, PAUSE);
    else meter.hidden = true;
  });
}
