"use strict";

/* Words, numbers and days in the reader's form; elements whose text is only ever text, never HTML. */
function makeWords(data) {
  const words = { lang: data.lang };
  const locale = () => (words.lang === "vi" ? "vi-VN" : "en-GB");
  const say = (key, values = {}) => data.words[words.lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const day = (iso) => (words.lang === "vi" ? iso.split("-").reverse().join("/") : iso);
  // Making a formatter takes far longer than using it.
  const formatters = new Map();
  function formatter(form) {
    const key = `${words.lang} ${JSON.stringify(form)}`;
    if (!formatters.has(key)) formatters.set(key, new Intl.NumberFormat(locale(), form));
    return formatters.get(key);
  }
  function digits(value) {
    if (Number.isInteger(value) || Math.abs(value) >= 100) return { maximumFractionDigits: 0 };
    if (Math.abs(value) >= 0.1) return { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    return { minimumSignificantDigits: 2, maximumSignificantDigits: 2 };
  }
  const number = (value, form = digits(value)) => (value === null ? "–" : formatter(form).format(value));
  const percent = (share) =>
    share === null ? "–" : say("percent", { n: number(100 * share, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });
  const range = (low, high, show = number) =>
    (low === high ? show(low) : say("range", { low: show(low), high: show(high) }));
  function month(index) {
    const name = new Date(Date.UTC(2000, (index + 12) % 12, 1)).toLocaleDateString(locale(), { month: "long", timeZone: "UTC" });
    return words.lang === "vi" ? name.toLocaleLowerCase("vi") : name;
  }
  return Object.assign(words, { say, day, number, percent, range, month });
}

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/* A text from data, which may run from right to left or forget to end doing so. */
const quoted = (text) => element("bdi", {}, text ?? "");

const byId = (id) => document.getElementById(id);

function swatch(colour, height = 14, hatched = false) {
  const node = element("span", { className: `swatch${height < 14 ? " line" : ""}${hatched ? " hatched" : ""}` });
  node.style.backgroundColor = colour;
  node.style.height = `${height}px`;
  return node;
}

/* Lower-case words without accents, đ as d, and without what is neither letter nor digit. */
const folded = (text) => text.normalize("NFD").replace(/\p{M}|\p{Cf}/gu, "").toLowerCase().replace(/đ/g, "d")
  .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
