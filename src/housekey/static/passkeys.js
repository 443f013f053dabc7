// Asks the browser for a passkey, and sends what it gives as a form. The server judges it.
const RENEW = 8 * 60_000; // milliseconds: the server's challenge ends after ten minutes
const forms = document.querySelectorAll("form[data-hk-passkey]");
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

// Browsers from before 2025 lack the functions that read and write JSON.
const create = (json) =>
  PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: listed(json.excludeCredentials),
  };
const request = (json) =>
  PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: bytes(json.challenge),
    allowCredentials: listed(json.allowCredentials),
  };
const plain = (credential) => {
  if (credential.toJSON) return credential.toJSON();
  const { id, type, response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = Object.fromEntries(parts.filter((name) => response[name]).map((name) => [name, text(response[name])]));
  return { id, rawId: id, type, response: { ...said, transports: response.getTransports?.() ?? [] } };
};

const optionsOf = async (form) => {
  const fields = (form.dataset.hkSend ?? "").split(" ").filter(Boolean);
  const given = fields.map((name) => [name, form.elements[name]?.value]).filter(([, value]) => value);
  const answer = await fetch(form.dataset.hkUrl, {
    method: "POST",
    headers: { Accept: "application/json", ...(fields.length && { "Content-Type": "application/json" }) },
    ...(fields.length && { body: JSON.stringify(Object.fromEntries(given)) }),
  });
  const said = await answer.json();
  if (answer.ok) return said;
  const faults = Object.values(said.fields ?? {}).flat();
  throw Object.assign(new Error(), { told: faults[0]?.text ?? said.title });
};

const send = (form, credential) => {
  const remember = document.querySelector("input[type=checkbox][name=remember]");
  if (form.elements.remember && remember) form.elements.remember.value = remember.checked ? "on" : "";
  form.elements.credential.value = JSON.stringify(plain(credential));
  form.submit();
};

let waiting; // what stands in the suggestions of the login field
const wait = async (form) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { signal } = waiting;
  try {
    const publicKey = request(await optionsOf(form));
    setTimeout(() => signal.aborted || (waiting.abort(), wait(form)), RENEW);
    send(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal }));
  } catch {} // nobody has asked for it
};

const ask = async (form) => {
  const status = form.querySelector("[data-hk-cancelled]");
  const button = form.querySelector("button:not([type=button])");
  const tell = (words) => (status.textContent = words ?? "");
  tell();
  button.setAttribute("aria-disabled", "true");
  try {
    waiting?.abort();
    const made = form.dataset.hkPasskey === "create";
    const json = await optionsOf(form);
    const credential = made
      ? await navigator.credentials.create({ publicKey: create(json) })
      : await navigator.credentials.get({ publicKey: request(json) });
    send(form, credential);
  } catch (error) {
    const words = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" }[error.name];
    tell(error.told ?? status.dataset[`hk${words === "known" ? "Known" : words ? "Cancelled" : "Failed"}`]);
    button.removeAttribute("aria-disabled");
  }
};

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const busy = form.querySelector("[aria-disabled]");
      if (!busy && form.reportValidity()) ask(form);
    });
    if ("hkConditional" in form.dataset) wait(form);
  }
  for (const shown of document.querySelectorAll("[data-hk-with-passkeys]")) shown.hidden = false;
  for (const instead of document.querySelectorAll("[data-hk-without-passkeys]")) instead.hidden = true;
  tellAuthenticators();
  tellOfUnknown();
}

// What was removed or renamed here goes from their lists, too (WebAuthn §5.1.10, the Signal API).
async function tellAuthenticators() {
  const place = document.querySelector("[data-hk-signals]");
  if (!place || !PublicKeyCredential.signalAllAcceptedCredentials) return;
  try {
    const answer = await fetch(place.dataset.hkSignals, { headers: { Accept: "application/json" } });
    const { rpId, userId, allAcceptedCredentialIds, name, displayName } = await answer.json();
    if (!userId) return;
    await PublicKeyCredential.signalAllAcceptedCredentials({ rpId, userId, allAcceptedCredentialIds });
    await PublicKeyCredential.signalCurrentUserDetails?.({ rpId, userId, name, displayName });
  } catch {} // a courtesy
}

// One that was just refused because nobody has it any more isn't offered again.
async function tellOfUnknown() {
  const place = document.querySelector("[data-hk-unknown]");
  if (!place || !PublicKeyCredential.signalUnknownCredential) return;
  try {
    await PublicKeyCredential.signalUnknownCredential({ rpId: place.dataset.hkRp, credentialId: place.dataset.hkUnknown });
  } catch {} // a courtesy
}
