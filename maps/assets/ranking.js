/* The panel: the switch between views, how many come first, and the ranking itself. */
function makeRanking(page) {
  const { data } = page;
  const { say, number, percent, day } = page.words;
  const { valueOf } = page;
  const properties = (kind) => page.features[kind].map((feature) => feature.properties);
  const joined = (...texts) => texts.filter(Boolean).map(quoted).flatMap((text, i) => (i ? [" · ", text] : [text]));

  function move(p) {
    if (!data.earlier) return [];
    const by = p.rank_before == null ? null : p.rank_before - p.rank;
    if (by === 0) return [element("span", { className: "move" })];
    const [sign, key] = by === null ? ["✱", "moved_new"] : by > 0 ? ["▲", "moved_up"] : ["▼", "moved_down"];
    const text = say(key, { n: number(Math.abs(by)) });
    return [element("span", { className: `move ${key}`, title: text }, element("span", { ariaHidden: "true" }, sign + (by ? Math.abs(by) : "")),
      element("span", { className: "spoken" }, text))];
  }
  function row(kind, key, p, lead, small, value) {
    const layer = page.layers.of(kind, p[key]);
    const node = element(layer ? "button" : "div", { className: "row" }, ...lead,
      element("span", { className: "name" }, quoted(p.name ?? p.sector_id), element("small", {}, ...small),
        ...(kind === "crossings" ? [] : page.cards.bar(kind, p))),
      ...(kind === "crossings" ? [] : move(p)), element("span", {}, value));
    if (layer) {
      node.type = "button";
      node.addEventListener("click", () => page.cards.flyTo(kind, layer, node));
    }
    node.classList.toggle("first", kind !== "crossings" && page.isFirst(kind, p));
    return element("li", {}, node);
  }
  const ranked = (p, colour) => [element("span", { className: "rank" }, number(p.rank)), colour];
  const rowOf = {
    communes: (p) => row("communes", "commune_code", p, ranked(p, swatch(p.colour, 14, p.weak_data)),
      joined(p.district, p.override_reason && say("moved"), p.unstable && say("unstable"), p.weak_data && say("weak_data")),
      number(valueOf.communes(p))),
    sectors: (p) => row("sectors", "sector_id", p, ranked(p, swatch(p.colour, lineWidth(p.weight))),
      joined(say(p.neighbour), page.communeNames.get(p.commune_code)), percent(valueOf.sectors(p))),
    crossings: (p) => row("crossings", "crossing_id", p, [], joined(say(p.kind), say(p.neighbour),
      page.communeNames.get(p.commune_code), page.layers.of("crossings", p.crossing_id) && say(p.position_quality)), ""),
  };

  // How many come first, and what they hold.
  function changes(kind, k) {
    if (!data.earlier) return [];
    const rows = properties(kind);
    const entered = rows.filter((p) => page.isFirst(kind, p) && !(p.rank_before <= k && p.rank_before !== null)).length;
    return [element("p", { className: "changes" }, say("changes", {
      day: day(data.earlier.made_on), until: day(data.earlier.until), n: number(entered), k: number(k),
      up: number(rows.filter((p) => p.rank_before > p.rank).length),
      down: number(rows.filter((p) => p.rank_before !== null && p.rank_before < p.rank).length) }))];
  }
  function said(kind) {
    const rows = properties(kind);
    const sum = (some) => some.reduce((total, p) => total + (valueOf[kind](p) ?? 0), 0);
    const first = rows.filter((p) => page.isFirst(kind, p));
    const total = sum(rows);
    const share = total > 0 ? percent(sum(first) / total) : "–";
    return [element("output", { id: "share", htmlFor: "first" }, say(`first_${kind}`, { k: number(first.length), share })),
      ...changes(kind, first.length)];
  }
  function drawFirst() {
    const kind = page.view;
    const n = page.features[kind].length;
    byId("top").hidden = tab === "crossings" || n < 2;
    if (byId("top").hidden) return;
    const slider = element("input", { type: "range", id: "first", min: 1, max: n, value: page.first[kind] });
    const told = element("div", {}, ...said(kind));
    slider.addEventListener("input", () => {
      page.first[kind] = Number(slider.value);
      told.replaceChildren(...said(kind));
      byId("list").querySelectorAll("li > .row").forEach((node, i) =>
        node.classList.toggle("first", !page.search.text() && page.isFirst(kind, page.features[kind][i].properties)));
      page.restyle();
    });
    byId("top").replaceChildren(element("label", { htmlFor: "first" }, say(`how_many_${kind}`)), slider, told);
  }

  // The lists. Of a long one the rest follows when the first rows have been seen.
  const AT_ONCE = 200;
  let later = 0;
  function listOf(kind) {
    const rows = properties(kind);
    const list = element("ol", {}, ...rows.slice(0, AT_ONCE).map(rowOf[kind]));
    clearTimeout(later);
    if (rows.length > AT_ONCE) later = setTimeout(() => list.append(...rows.slice(AT_ONCE).map(rowOf[kind])), 100);
    return list;
  }
  let tab = "communes";
  const empty = (kind) => [element("p", { className: "empty" }, say(`no_${kind}`))];
  const lists = {
    communes: () => [element("h2", {}, say("communes_unit")), listOf("communes")],
    sectors: () => [element("h2", {}, say("sectors_unit")), listOf("sectors")],
    crossings: () => [true, false].flatMap((drawn) => {
      const here = page.features.crossings.filter((crossing) => Boolean(crossing.geometry) === drawn);
      return here.length ? [element("h2", { className: "left" }, say(drawn ? "drawn" : "not_drawn")),
        element("ul", {}, ...here.map((feature) => rowOf.crossings(feature.properties)))] : [];
    }),
  };
  /* Unless something is searched for. */
  function drawList() {
    byId("list").replaceChildren(...(page.features[tab].length ? lists[tab]() : empty(tab)));
  }
  function choose(kind) {
    tab = kind;
    page.view = kind === "communes" ? "communes" : "sectors";
    page.search.clear();
    page.map.closePopup();
    draw();
    page.showAll(page.wide);
    page.restyle();
    byId(`tab-${kind}`).focus();
    for (const id of ["list", "panel"]) byId(id).scrollTop = 0;
  }
  function draw() {
    byId("tabs").setAttribute("aria-label", say("views"));
    byId("tabs").hidden = data.tabs.length < 2;
    byId("tabs").replaceChildren(...data.tabs.map((kind) => {
      const button = element("button", { type: "button", id: `tab-${kind}` }, say(`${kind}_tab`));
      button.setAttribute("aria-pressed", kind === tab);
      button.addEventListener("click", () => choose(kind));
      return button;
    }));
    drawFirst();
    page.search.draw();
  }

  // Arrows lead from row to row, and from the first back to the search.
  byId("panel").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.type === "range") return;
    const rows = [byId("search"), ...byId("list").querySelectorAll("button.row")];
    const at = rows.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  });
  return { draw, drawList, rowOf };
}
