/* Search over communes, sectors and crossings, whatever their accents; what is found takes the ranking's place. */
function makeSearch(page) {
  const MOST_FOUND = 50;
  const { say, number } = page.words;
  const input = byId("search");
  const textOf = {
    communes: (p) => [p.name, p.district, p.commune_code],
    sectors: (p) => [p.sector_id, page.communeNames.get(p.commune_code)],
    crossings: (p) => [p.name, page.communeNames.get(p.commune_code)],
  };
  let entries = null;
  const index = () => Object.entries(textOf).flatMap(([kind, texts]) => page.features[kind].map(({ properties: p }) =>
    ({ kind, p, text: folded(texts(p).filter(Boolean).join(" ")) })));
  const text = () => folded(input.value);

  function draw() {
    const words = text().split(" ");
    const shown = Boolean(text());
    byId("found").textContent = "";
    if (!shown) return page.ranking.drawList();
    entries ??= index();
    const found = entries.filter((entry) => words.every((word) => entry.text.includes(word)));
    byId("found").textContent = say("found", { n: number(found.length) });
    return byId("list").replaceChildren(...Object.keys(textOf).flatMap((kind) => {
      const here = found.filter((entry) => entry.kind === kind);
      const rest = here.length - MOST_FOUND;
      return here.length ? [element("h2", { className: "left" }, say(`${kind}_tab`)),
        element("ul", {}, ...here.slice(0, MOST_FOUND).map(({ p }) => page.ranking.rowOf[kind](p))),
        ...(rest > 0 ? [element("p", { className: "empty" }, say("more_found", { n: number(rest) }))] : [])] : [];
    }));
  }
  function clear() {
    input.value = "";
    byId("found").textContent = "";
  }
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value) {
      event.stopPropagation();
      clear();
      draw();
    }
    if (event.key === "Enter") byId("list").querySelector("button.row")?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.type === "search") return;
    event.preventDefault();
    input.focus();
  });
  function name() {
    input.placeholder = say("search");
    input.setAttribute("aria-label", say("search"));
  }
  return { draw, clear, text, name };
}
