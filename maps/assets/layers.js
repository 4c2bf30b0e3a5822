/* What is drawn: communes, border sectors, crossings, the surface, labels; and how, in the view that is in front. */
const MOST_LABELS = 150;
const NEAR = 10;
const lineWidth = (weight) => 3 + 4 * weight;

/* Rows of a layer as GeoJSON features. */
function featuresOf({ fields, rows, shapes }) {
  return rows.map((row, i) => ({ type: "Feature", geometry: shapes[i],
    properties: Object.fromEntries([["index", i], ...fields.map((field, j) => [field, row[j]])]) }));
}

/* Hatched fills for communes with weak data, one for each colour. */
function hatches(colours) {
  const make = (tag, attributes, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    node.append(...children);
    return node;
  };
  const patterns = [...colours].map(([colour, dark]) => make("pattern",
    { id: `weak-${colour.slice(1)}`, patternUnits: "userSpaceOnUse", width: 6, height: 6, patternTransform: "rotate(45)" },
    make("rect", { width: 6, height: 6, fill: colour }),
    make("line", { x1: 0, x2: 0, y2: 6, "stroke-width": 2.4, stroke: dark ? "#ffffffb0" : "#0000005c" })));
  document.body.append(make("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" },
    make("defs", {}, ...patterns)));
}

function makeLayers(page) {
  const { data, map, box } = page;
  const { communes: communeRows, sectors: sectorRows } = page.features;
  hatches(new Map([...data.legends.communes.map(({ colour }, i, all) => [colour, (i + 1) / all.length > 0.5]),
    ["#d9d9d9", false]]));
  for (const [name, zIndex] of [["surface", 350], ["lines", 410]]) map.createPane(name).style.zIndex = zIndex;
  map.getPane("lines").style.pointerEvents = "none";

  // The fill of the communes is one of the base layers; their outlines stay over the surface too.
  const filling = L.layerGroup();
  const bases = { communes_layer: filling };
  if (data.season) bases.season_layer = L.layerGroup();
  if (data.surface) {
    bases.surface_layer = L.imageOverlay(data.surface.image, data.surface.bounds, { pane: "surface", className: "surface" });
  }
  const shown = (key) => Boolean(bases[key]) && map.hasLayer(bases[key]);
  const fillOf = (p) => {
    if (shown("season_layer")) return data.season.legend[data.season.classes[p.index][page.month]].colour;
    return p.weak_data ? `url(#weak-${p.colour.slice(1)})` : p.colour;
  };
  const inFront = (kind, p) => page.view === kind && page.isFirst(kind, p);
  function communeStyle(p) {
    const first = inFront("communes", p);
    const opacity = page.view === "communes" ? 1 : 0.4;
    return { fillColor: fillOf(p), fillOpacity: shown("surface_layer") ? 0 : opacity,
      color: first ? "#111" : "#555", weight: first ? 3 : communeRows.length > 500 ? 0.5 : 1 };
  }
  const width = (p) => (page.view === "communes" ? 2 + 2 * p.weight : lineWidth(p.weight));
  const lineStyle = (p) => ({ color: p.colour, weight: width(p) });
  const casingStyle = (p) => (inFront("sectors", p) ? { color: "#ffb000", weight: width(p) + 7 } : { color: "#444", weight: width(p) + 1.5 });

  const layers = { communes: new Map(), sectors: new Map(), crossings: new Map() };
  function geojson(kind, key, style, options = {}) {
    const group = L.geoJSON(page.features[kind].filter((feature) => feature.geometry), {
      ...options, style: ({ properties: p }) => ({ className: kind, ...style(p) }), onEachFeature: ({ properties: p }, layer) => layers[kind].set(p[key], layer) });
    group.bindTooltip(({ feature }) => quoted(feature.properties.name ?? feature.properties.sector_id), { sticky: true });
    const open = ({ layer, latlng }) => page.open(kind, layer, latlng);
    return group.on("click", open).on("keypress", (event) => event.originalEvent.key === "Enter" && open(event));
  }
  const communes = geojson("communes", "commune_code", communeStyle);
  const casing = L.geoJSON(sectorRows, { interactive: false, pane: "lines",
    style: ({ properties: p }) => ({ className: "casing", ...casingStyle(p) }) });
  const sectors = geojson("sectors", "sector_id", lineStyle, { pane: "lines" });
  const crossings = geojson("crossings", "crossing_id", () => ({}), {
    pointToLayer: ({ properties: p }, at) => L.marker(at, { icon: L.divIcon({
      className: `crossing ${p.position_quality}`, iconSize: [18, 18], html: quoted(p.name) }) }) });
  const labels = L.layerGroup();
  const lines = L.layerGroup([casing, sectors]);
  const overlays = { ...(sectorRows.length && { sectors_layer: lines }),
    ...(layers.crossings.size && { crossings_layer: crossings }), labels_layer: labels };

  // Labels: the ranks of the first ones in front, and the names of communes where there is room.
  function drawLabels() {
    labels.clearLayers();
    const near = map.getZoom() >= NEAR;
    const view = map.getBounds().pad(0.1);
    const middle = everything.getCenter().lng;
    const aside = (p) => (p.sector_id ? [p.label[1] < middle ? 18 : -18, 0] : [0, 0]);
    const label = (p, first, name) => L.marker(p.label, { interactive: false, keyboard: false, zIndexOffset: first ? 1000 : 0,
      icon: L.divIcon({ className: first ? "label top" : "label", iconSize: [0, 0], iconAnchor: aside(p),
        html: element("div", {}, ...(first ? [element("b", {}, `${p.rank}${p.unstable ? "?" : ""}`)] : []), ...(name ? [quoted(name)] : [])) }) });
    const seen = (rows) => rows.map(({ properties }) => properties).filter((p) => view.contains(p.label));
    const inViewCommunes = near || page.view === "communes" ? seen(communeRows) : [];
    const wanted = [
      ...inViewCommunes.filter((p) => near || inFront("communes", p)).map((p) => [p, inFront("communes", p), near && p.name]),
      ...(page.view === "communes" ? [] : seen(sectorRows).filter((p) => inFront("sectors", p)).map((p) => [p, true, null])),
    ];
    wanted.slice(0, MOST_LABELS).forEach((row) => label(...row).addTo(labels));
  }
  function drawMarks() {
    for (const [kind, group] of [["communes", communes], ["sectors", sectors]]) {
      if (page.view === kind) group.eachLayer((layer) => layer._map && inFront(kind, layer.feature.properties) && layer.bringToFront());
    }
    drawLabels();
  }
  function restyle() {
    for (const [group, styleOf] of [[communes, communeStyle], [sectors, lineStyle], [casing, casingStyle]]) {
      group.eachLayer((layer) => {
        const style = styleOf(layer.feature.properties);
        if (Object.keys(style).some((name) => style[name] !== layer.options[name])) layer.setStyle(style);
      });
    }
    drawMarks();
  }

  const everything = communes.getBounds().extend(sectors.getBounds());
  function add() {
    [filling, communes, lines, crossings, labels].forEach((layer) => layer.addTo(map));
    drawMarks();
    map.on("moveend", drawLabels);
    map.on("baselayerchange", () => {
      page.restyle();
      page.season.draw();
    });
  }
  L.control.scale({ imperial: false }).addTo(map);
  new ResizeObserver(() => {
    map.invalidateSize();
    box.style.setProperty("--height", `${box.clientHeight}px`);
  }).observe(box);

  // The control is made anew in each language.
  let control = null;
  function drawControl() {
    const { say } = page.words;
    control?.remove();
    const named = (group) => Object.fromEntries(Object.entries(group).map(([key, layer]) => [say(key), layer]));
    control = L.control.layers(named(bases), named(overlays), { collapsed: !page.wide }).addTo(map);
    const titles = { ".leaflet-control-layers-toggle": "layers", ".leaflet-control-zoom-in": "zoom_in",
      ".leaflet-control-zoom-out": "zoom_out" };
    for (const [selector, key] of Object.entries(titles)) {
      const node = box.querySelector(selector);
      node.title = say(key);
      node.setAttribute("aria-label", say(key));
    }
  }
  return { of: (kind, key) => layers[kind].get(key), everything, shown, add, restyle, drawControl };
}
