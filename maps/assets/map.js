"use strict";

/* Draws the page's data on a Leaflet map. Text from data only ever becomes text nodes, never HTML. */
function diemnong(map) { // eslint-disable-line no-unused-vars
  const data = JSON.parse(document.getElementById("data").textContent);
  const box = map.getContainer();
  const wide = window.matchMedia("(min-width: 761px)").matches;
  const byId = (id) => document.getElementById(id);
  const communeNames = new Map(data.communes.map(({ properties: p }) => [p.commune_code, p.name]));
  const TOP = 10;
  let lang = data.lang;
  let tab = "communes";

  // Words, numbers and days in the reader's form.
  const say = (key, values = {}) => data.words[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const day = (iso) => (lang === "vi" ? iso.split("-").reverse().join("/") : iso);
  function digits(value) {
    if (Number.isInteger(value) || Math.abs(value) >= 100) return { maximumFractionDigits: 0 };
    if (Math.abs(value) >= 0.1) return { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    return { minimumSignificantDigits: 2, maximumSignificantDigits: 2 };
  }
  const number = (value, form = digits(value)) =>
    value === null ? "–" : value.toLocaleString(lang === "vi" ? "vi-VN" : "en-GB", form);
  const percent = (share) =>
    share === null ? "–" : say("percent", { n: number(100 * share, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });

  function element(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }
  function swatch(colour, height = 14) {
    const node = element("span", { className: height < 14 ? "swatch line" : "swatch" });
    node.style.background = colour;
    node.style.height = `${height}px`;
    return node;
  }
  const lineWidth = (weight) => 3 + 4 * weight;

  // What a popup says.
  function card(title, sub, facts, ...notes) {
    const table = element("table", {}, ...facts.map(([label, value]) => element("tr", {},
      element("th", { scope: "row" }, label), element("td", { className: value.length > 16 ? "long" : "" }, value))));
    const simulated = data.simulated ? [element("p", { className: "simulated" }, say("simulated"))] : [];
    return element("div", { className: "card" }, element("h2", {}, title), ...simulated,
      ...(sub ? [element("p", { className: "muted" }, sub)] : []), table, ...notes);
  }
  const reasons = (p) => element("p", {}, element("b", {}, `${say("reasons")}: `), p[`reason_${lang}`] ?? "–");
  const warning = (shown, key) => (shown ? [element("p", { className: "warn" }, say(key))] : []);
  const rank = (p, n) => [say("rank"), say("rank_of", { rank: number(p.rank), n: number(n) })];
  const cards = {
    communes: (p) => card(p.name, p.district, [
      rank(p, data.communes.length),
      [say("expected"), number(p.expected)],
      [say("interval"), say("range", { low: number(p.lower), high: number(p.upper) })],
      ...(p.band_lower === null ? [] : [[say("band"), say("range", { low: number(p.band_lower), high: number(p.band_upper) })]]),
      [say("p_top10"), percent(p.p_top10)],
      [say("rate"), number(p.rate)],
      [say("detection"), percent(p.detection)],
      [say("cases"), number(p.cases)],
      [say("absences"), number(p.absences)],
      [say("sessions"), number(p.sessions)],
      [say("population"), number(p.population)],
    ], reasons(p), ...warning(p.weak_data, "weak_note"), ...warning(p.geometry_quality === "approximate", "approximate_note")),
    sectors: (p) => card(p.sector_id, communeNames.get(p.commune_code), [
      rank(p, data.sectors.length),
      [say("neighbour"), say(p.neighbour)],
      [say("length"), say("km", { n: number(p.length_km, { maximumFractionDigits: 1 }) })],
      [say("share"), percent(p.score)],
      [say("flow"), number(p.expected)],
      [say("interval"), say("range", { low: number(p.lower), high: number(p.upper) })],
      [say("p_top10"), percent(p.p_top10)],
      [say("patrol_hours"), p.patrol_hours === null ? say("not_recorded") : number(p.patrol_hours)],
    ], reasons(p)),
    crossings: (p) => card(p.name, communeNames.get(p.commune_code), [
      [say("kind"), say(p.kind)],
      [say("neighbour"), say(p.neighbour)],
      [say("position"), say(p.position_quality)],
    ]),
  };

  // Layers. The surface lies under the lines; the communes keep their outlines over it.
  const layers = { communes: new Map(), sectors: new Map(), crossings: new Map() };
  function bound(kind, key, layer, p) {
    layer.bindPopup(() => cards[kind](p), {
      minWidth: Math.min(280, box.clientWidth - 90), maxWidth: Math.min(320, box.clientWidth - 70),
      autoPanPaddingTopLeft: [wide ? 60 : 10, 10], autoPanPaddingBottomRight: [wide ? 290 : 10, 10] });
    layer.bindTooltip(() => element("span", {}, p.name ?? p.sector_id), { sticky: true });
    layers[kind].set(p[key], layer);
  }
  function geojson(kind, key, style) {
    return L.geoJSON(data[kind].filter((feature) => feature.geometry), {
      style: ({ properties: p }) => ({ className: kind, ...style(p) }),
      pointToLayer: ({ properties: p }, at) => L.marker(at, { icon: L.divIcon({
        className: `crossing ${p.position_quality}`, iconSize: [18, 18], html: element("span", {}, p.name) }) }),
      onEachFeature: ({ properties: p }, layer) => bound(kind, key, layer, p),
    });
  }
  const communes = geojson("communes", "commune_code",
    (p) => ({ fillColor: p.colour, fillOpacity: 1, color: "#555", weight: 1 }));
  const casing = L.geoJSON(data.sectors, { interactive: false,
    style: ({ properties: p }) => ({ color: "#fff", weight: lineWidth(p.weight) + 3, className: "casing" }) });
  const sectors = geojson("sectors", "sector_id", (p) => ({ color: p.colour, weight: lineWidth(p.weight) }));
  const crossings = geojson("crossings", "crossing_id", () => ({}));
  const labels = L.layerGroup(data.communes.map(({ properties: p }) => L.marker(p.label, { interactive: false, keyboard: false,
    icon: L.divIcon({ className: p.rank <= TOP ? "label top" : "label", iconSize: [0, 0],
      html: element("div", {}, element("b", {}, `${p.rank}`), element("span", {}, p.name)) }) })));
  const filling = L.layerGroup();
  const bases = { communes_layer: filling };
  if (data.surface) {
    map.createPane("surface").style.zIndex = 350;
    bases.surface_layer = L.imageOverlay(data.surface.image, data.surface.bounds, { pane: "surface", className: "surface" });
  }
  const lines = L.layerGroup([casing, sectors]);
  const overlays = { sectors_layer: lines, crossings_layer: crossings, labels_layer: labels };
  [filling, communes, lines, crossings, labels].forEach((layer) => layer.addTo(map));
  map.on("zoomend", () => box.classList.toggle("near", map.getZoom() >= 10));
  map.on("baselayerchange", () => {
    communes.setStyle({ fillOpacity: map.hasLayer(filling) ? 1 : 0 });
    drawLegend();
  });
  L.control.scale({ imperial: false }).addTo(map);
  new ResizeObserver(() => {
    map.invalidateSize();
    box.style.setProperty("--height", `${box.clientHeight}px`);
  }).observe(box);

  // The legend.
  const legend = element("details", { className: "legend", open: wide });
  L.DomEvent.disableClickPropagation(legend);
  L.DomEvent.disableScrollPropagation(legend);
  const legendControl = L.control({ position: "bottomright" });
  legendControl.onAdd = () => legend;
  legendControl.addTo(map);
  function drawLegend() {
    const range = (show) => ({ low, high }) =>
      (low === high ? show(low) : say("range", { low: show(low), high: show(high) }));
    const rows = (title, entries, text, size) => [element("h3", {}, say(title)), ...entries.map((entry, i) =>
      element("div", {}, swatch(entry.colour, size ? size(i) : 14), element("span", {}, text(entry)))).reverse()];
    const counted = (show, key) => (entry) => `${range(show)(entry)} (${say(key, { n: number(entry.n) })})`;
    const surface = data.surface && map.hasLayer(bases.surface_layer);
    const none = data.communes.some(({ properties: p }) => p.expected === null) && !surface
      ? [element("div", {}, swatch("#d9d9d9"), element("span", {}, say("no_data")))] : [];
    const qualities = [...new Set(data.crossings.filter((c) => c.geometry).map((c) => c.properties.position_quality))];
    legend.replaceChildren(element("summary", {}, say("legend")),
      ...(surface ? rows("surface_layer", data.surface.legend, range(number))
        : rows("communes_layer", data.legends.communes, counted(number, "n_communes"))), ...none,
      ...rows("sectors_layer", data.legends.sectors, counted(percent, "n_sectors"),
        (i) => lineWidth((i + 1) / data.legends.sectors.length)),
      ...(qualities.length ? [element("h3", {}, say("crossings_layer"))] : []),
      ...qualities.map((quality) => element("div", {}, element("span", { className: `crossing ${quality}` }),
        element("span", {}, say(quality)))),
      element("p", {}, say("events")));
  }

  // The ranking panel: a row flies to its place and opens its popup.
  let wanted = null;
  let opened = null;
  map.on("moveend", () => {
    if (!wanted) return;
    const { layer } = wanted;
    layer.openPopup(layer.getLatLng ? layer.getLatLng() : layer.getCenter());
  });
  map.on("popupopen", ({ popup }) => {
    opened = { popup, row: wanted?.row };
    wanted = null;
    box.classList.add("reading");
    opened.row?.setAttribute("aria-current", "true");
    const node = popup.getElement();
    node.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", say("close"));
    if (opened.row) {
      node.tabIndex = -1;
      node.focus({ preventScroll: true });
    }
  });
  map.on("popupclose", () => {
    // The popup took the focus with it: the row that opened it has it next.
    if (document.activeElement === document.body) opened?.row?.focus();
    opened?.row?.removeAttribute("aria-current");
    opened = null;
    box.classList.remove("reading");
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && map.closePopup());
  function show(layer, row) {
    wanted = { layer, row };
    const bounds = layer.getBounds ? layer.getBounds() : layer.getLatLng().toBounds(10000);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.flyToBounds(bounds, { maxZoom: 11, duration: 0.6, animate: !still });
  }
  function row(kind, key, p, lead, small, value) {
    const layer = layers[kind].get(p[key]);
    const node = element(layer ? "button" : "div", { className: "row" }, ...lead,
      element("span", { className: "name" }, p.name ?? p.sector_id, element("small", {}, small)),
      element("span", {}, value));
    if (layer) {
      node.type = "button";
      node.addEventListener("click", () => show(layer, node));
    }
    return element("li", {}, node);
  }
  const ranked = (p, colour) => [element("span", { className: "rank" }, number(p.rank)), colour];
  const lists = {
    communes: () => [element("h2", {}, say("communes_unit")), element("ol", {}, ...data.communes.map(({ properties: p }) =>
      row("communes", "commune_code", p, ranked(p, swatch(p.colour)),
        [p.district, p.weak_data && say("weak_data")].filter(Boolean).join(" · "), number(p.expected))))],
    sectors: () => [element("h2", {}, say("sectors_unit")), element("ol", {}, ...data.sectors.map(({ properties: p }) =>
      row("sectors", "sector_id", p, ranked(p, swatch(p.colour, lineWidth(p.weight))),
        [say(p.neighbour), communeNames.get(p.commune_code)].filter(Boolean).join(" · "), percent(p.score))))],
    crossings: () => [true, false].flatMap((drawn) => {
      const here = data.crossings.filter((crossing) => Boolean(crossing.geometry) === drawn);
      return here.length ? [element("h2", { className: "left" }, say(drawn ? "drawn" : "not_drawn")),
        element("ul", {}, ...here.map(({ properties: p }) => row("crossings", "crossing_id", p, [],
          [say(p.kind), say(p.neighbour), communeNames.get(p.commune_code), drawn && say(p.position_quality)].filter(Boolean).join(" · "),
          "")))] : [];
    }),
  };
  function drawPanel() {
    byId("tabs").replaceChildren(...Object.keys(lists).map((kind) => {
      const button = element("button", { type: "button", id: `tab-${kind}` }, say(`${kind}_tab`));
      button.setAttribute("aria-pressed", kind === tab);
      button.addEventListener("click", () => {
        tab = kind;
        drawPanel();
        byId(`tab-${kind}`).focus();
        byId("list").scrollTop = 0;
      });
      return button;
    }));
    byId("list").replaceChildren(...lists[tab]());
  }

  // Everything that has words is drawn again when the language changes.
  let layersControl = null;
  function drawControls() {
    layersControl?.remove();
    const named = (group) => Object.fromEntries(Object.entries(group).map(([key, layer]) => [say(key), layer]));
    layersControl = L.control.layers(named(bases), named(overlays), { collapsed: !wide }).addTo(map);
    const titles = { ".leaflet-control-layers-toggle": "layers", ".leaflet-control-zoom-in": "zoom_in",
      ".leaflet-control-zoom-out": "zoom_out" };
    for (const [selector, key] of Object.entries(titles)) {
      const node = box.querySelector(selector);
      node.title = say(key);
      node.setAttribute("aria-label", say(key));
    }
  }
  function draw() {
    const title = say(data.effort_known ? "title_risk" : "title_recorded", { title: data.title });
    const cautions = [data.approximate && "approximate", !data.effort_known && "effort_unknown"].filter(Boolean);
    document.documentElement.lang = lang;
    document.title = data.simulated ? `${say("simulated")} – ${title}` : title;
    byId("title").textContent = title;
    byId("language").textContent = lang === "vi" ? "English" : "Tiếng Việt";
    byId("simulated").hidden = !data.simulated;
    byId("simulated").textContent = ["vi", "en"].map((each) => data.words[each].simulated).join(" — ");
    byId("cautions").hidden = !cautions.length;
    byId("cautions").textContent = cautions.map((key) => say(key)).join(". ");
    byId("about").textContent = `${say("about", { start: day(data.period[0]), end: day(data.period[1]),
      made_on: day(data.made_on), vintage: day(data.vintage) })} ${say("limits")}`;
    drawPanel();
    drawLegend();
    drawControls();
    opened?.popup.update();
  }
  byId("language").addEventListener("click", () => {
    lang = lang === "vi" ? "en" : "vi";
    draw();
  });

  // The words come first: how tall they are decides how much room the map has.
  draw();
  map.invalidateSize();
  const everything = communes.getBounds().extend(sectors.getBounds());
  map.fitBounds(everything, { animate: false, paddingBottomRight: [wide ? 270 : 0, 0] });
  map.setMinZoom(map.getZoom() - 1).setMaxBounds(everything.pad(1));
}
