/* What a popup says, and how popups open and close. */

/* An interval on a scale that all units of its kind share. */
function intervalBar(p, most) {
  const at = (value) => `${(100 * value) / most}%`;
  const range = element("span", { className: "range" });
  const point = element("span", { className: "point" });
  range.style.left = at(p.lower);
  range.style.width = at(p.upper - p.lower);
  point.style.left = at(p.expected);
  return element("span", { className: "interval", ariaHidden: "true" }, range, point);
}

function makeCards(page) {
  const { data, map, box } = page;
  const { say, number, percent, range } = page.words;
  const bar = (kind, p) => (page.most[kind] > 0 && Number.isFinite(p.upper) && p.upper !== null
    ? [intervalBar(p, page.most[kind])] : []);

  const scale = (kind) => element("div", { className: "scale", ariaHidden: "true" },
    element("span", {}, number(0)), element("span", {}, number(page.most[kind])));

  // A field that a layer does not have is left out.
  const facts = (p, rows) => rows.filter(([field]) => p[field] !== undefined).map(([field, word, show]) =>
    [say(word), (show ?? number)(p[field])]);
  function card(kind, p, title, sub, rows, ...notes) {
    const table = element("table", {}, ...rows.map(([label, value]) => element("tr", {},
      element("th", { scope: "row" }, label), element("td", { className: value.length > 16 ? "long" : "" }, quoted(value)))));
    const simulated = data.simulated ? [element("p", { className: "simulated" }, say("simulated"))] : [];
    return element("div", { className: "card" }, element("h2", {}, quoted(title)), ...simulated,
      ...(sub ? [element("p", { className: "muted" }, quoted(sub))] : []), ...bar(kind, p).flatMap((node) => [node, scale(kind)]),
      table, ...notes);
  }
  const reasons = (p) => element("p", {}, element("b", {}, `${say("reasons")}: `), quoted(p[`reason_${page.words.lang}`] ?? "–"));
  const timetable = (p) => (p.timetable_vi ? [element("p", {}, element("b", {}, `${say("timetable")}:`),
    ...p[`timetable_${page.words.lang}`].flatMap((month) => [element("br"), quoted(month)]))] : []);
  const warning = (shown, key) => (shown ? [element("p", { className: "warn" }, say(key))] : []);
  const rank = (p, n) => [say("rank"), say("rank_of", { rank: number(p.rank), n: number(n) })];
  const interval = (p, low, high) => (p[low] == null ? [] : [range(p[low], p[high])]);
  function before(p) {
    if (!data.earlier) return [];
    if (p.rank_before == null) return [[say("rank_before"), say("not_ranked")]];
    const figure = p.expected_before == null ? [] : [[say("expected_before"), number(p.expected_before)]];
    return [[say("rank_before"), number(p.rank_before)], ...figure];
  }
  /* A planner moved it: where the model has it, why, and until when. */
  function override(p) {
    if (p.override_reason == null) return [];
    const by = p.override_by == null ? [] : [[say("override_by"), p.override_by]];
    return [[say("rank_model"), number(p.rank_model)], [say("override"), p.override_reason], ...by,
      [say("override_until"), page.words.day(p.override_until)]];
  }
  const chance = (p) => p.lower_before != null && p.lower_before <= p.expected && p.expected <= p.upper_before;

  const cards = {
    communes: (p) => card("communes", p, p.name, p.district, [
      rank(p, page.features.communes.length),
      ...override(p),
      [say("expected"), number(page.valueOf.communes(p))],
      ...facts(p, [["gain", "gain"]]),
      ...interval(p, "gain_lower", "gain_upper").map((text) => [say("interval"), text]),
      ...interval(p, "lower", "upper").map((text) => [say("interval"), text]),
      ...interval(p, "band_lower", "band_upper").map((text) => [say("band"), text]),
      ...before(p),
      ...facts(p, [
        ["p_top10", "p_top10", percent],
        ["rate", "rate"],
        ["detection", "detection", percent],
        ["cases", "cases"],
        ["cases_reported", "cases_reported"],
        ["cases_by_patrol", "cases_by_patrol"],
        ["cases_by_outreach", "cases_by_outreach"],
        ["absences", "absences"],
        ["sessions", "sessions"],
        ["population", "population"],
      ]),
    ], ...timetable(p), reasons(p), ...warning(chance(p), "perhaps_chance"), ...warning(p.weak_data, "weak_note"),
    ...(p.unstable ? [element("p", { className: "warn" }, say("unstable_note", { n: percent(p.flips) }))] : []),
    ...warning(p.geometry_quality === "approximate", "approximate_note")),
    sectors: (p) => card("sectors", p, p.sector_id, page.communeNames.get(p.commune_code), [
      rank(p, page.features.sectors.length),
      ...facts(p, [["expected", "flow"]]),
      ...interval(p, "lower", "upper").map((text) => [say("interval"), text]),
      ...before(p),
      ...facts(p, [
        ["p_top10", "p_top10", percent],
        ["neighbour", "neighbour", say],
        ["length_km", "length", (km) => say("km", { n: number(km, { maximumFractionDigits: 1 }) })],
        ["score", "share", percent],
        ["patrol_hours", "patrol_hours", (hours) => (hours === null ? say("not_recorded") : number(hours))],
      ]),
    ], reasons(p)),
    crossings: (p) => card("crossings", p, p.name, page.communeNames.get(p.commune_code),
      facts(p, [["kind", "kind", say], ["neighbour", "neighbour", say], ["position_quality", "position", say]])),
  };

  let opened = null;
  function open(kind, layer, at, row) {
    const p = layer.feature.properties;
    map.closePopup();
    const popup = L.popup({ minWidth: Math.min(280, box.clientWidth - 90), maxWidth: Math.min(320, box.clientWidth - 70),
      autoPanPaddingTopLeft: [page.wide ? 60 : 10, 10], autoPanPaddingBottomRight: [page.wide ? 290 : 10, 10] });
    opened = { popup, row };
    box.classList.add("reading");
    popup.setContent(() => cards[kind](p)).setLatLng(layer.getLatLng ? layer.getLatLng() : at ?? layer.getCenter()).openOn(map);
    const node = popup.getElement();
    node.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", say("close"));
    row?.setAttribute("aria-current", "true");
    if (row) {
      node.tabIndex = -1;
      node.focus({ preventScroll: true });
    }
  }
  map.on("popupclose", () => {
    // The popup took the focus with it: the row that opened it has it next.
    if (document.activeElement === document.body) opened?.row?.focus();
    opened?.row?.removeAttribute("aria-current");
    opened = null;
    box.classList.remove("reading");
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && map.closePopup());

  // A row of the ranking flies to its place first.
  let wanted = null;
  map.on("moveend", () => {
    if (!wanted) return;
    const { kind, layer, row } = wanted;
    wanted = null;
    open(kind, layer, null, row);
  });
  function flyTo(kind, layer, row) {
    wanted = { kind, layer, row };
    const bounds = layer.getBounds ? layer.getBounds() : layer.getLatLng().toBounds(10000);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.flyToBounds(bounds, { maxZoom: 11, duration: 0.6, animate: !still });
  }
  return { open, flyTo, bar, draw: () => opened?.popup.update() };
}
