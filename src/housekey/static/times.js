// Says times in the reader's words: "3 hours ago", with the exact time in their own zone beside it.
const language = document.documentElement.lang.replace("_", "-") || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]]; // in seconds
const WEEK = 7 * 86400;

const words = (moment) => {
  const seconds = (moment - Date.now()) / 1000;
  if (Math.abs(seconds) > WEEK) return day.format(moment);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
};

for (const time of document.querySelectorAll("time[data-hk-time]")) {
  const moment = new Date(time.dateTime);
  if (isNaN(moment)) continue;
  time.title = exact.format(moment);
  const heard = Object.assign(document.createElement("span"), { className: "hk-hidden", textContent: ` (${time.title})` });
  time.replaceChildren(words(moment), heard);
}
