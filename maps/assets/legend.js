/* The legend: classes with their numbers and counts, and what the marks mean; what is in front comes first. */
function makeLegend(page) {
  const { data, map } = page;
  const { say, number, percent, range } = page.words;
  const box = element("details", { className: "legend", open: page.wide });
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => box;
  control.addTo(map);

  const line = (mark, text) => element("div", {}, mark, element("span", {}, text));
  const rows = (title, entries, text, size = () => 14) => [element("h3", {}, say(title)),
    ...entries.map((entry, i) => line(swatch(entry.colour, size(i)), text(entry))).reverse()];
  const counted = (show, key) => ({ low, high, n }) => `${range(low, high, show)} (${say(key, { n: number(n) })})`;
  const outlined = (kind) => {
    const mark = kind === "communes" ? swatch("#fff") : swatch("#4d004b", 6);
    mark.className = kind === "communes" ? "swatch first" : "swatch first line";
    return line(mark, say("first_legend", { k: number(page.firstCount(kind)) }));
  };
  const all = page.features.communes.map(({ properties }) => properties);
  const weak = all.filter((p) => p.weak_data).length;
  const unsure = all.filter((p) => p.unstable).length;
  const missing = all.filter((p) => page.valueOf.communes(p) === null).length;
  const qualities = [...new Set(page.features.crossings.filter((c) => c.geometry).map((c) => c.properties.position_quality))];

  function communeRows() {
    if (page.layers.shown("surface_layer")) return rows("surface_layer", data.surface.legend, ({ low, high }) => range(low, high));
    if (page.layers.shown("season_layer")) {
      return [...rows("season_layer", data.season.legend, ({ low, high }) => (high ? range(low, high) : say("none"))),
        element("p", { className: "printed" }, page.season.text()),
        ...[say("season_note"), ...page.season.notes()].map((note) => element("p", {}, note))];
    }
    return [...rows("communes_layer", data.legends.communes, counted(number, "n_communes")),
      ...(missing ? [line(swatch("#d9d9d9"), say("no_data"))] : []),
      ...(weak ? [line(swatch("#fff", 14, true), say("weak_legend", { n: number(weak) }))] : []),
      ...(page.view === "communes" ? [outlined("communes")] : []),
      ...(unsure ? [element("p", {}, say("unsure_legend", { n: number(unsure) }))] : []),
      element("p", {}, say(data.effort_known ? "events" : "events_recorded"))];
  }
  const sectorRows = () => (page.features.sectors.length ? [
    ...rows("sectors_layer", data.legends.sectors, counted(percent, "n_sectors"),
      (i) => lineWidth((i + 1) / data.legends.sectors.length)),
    ...(page.view === "sectors" ? [outlined("sectors")] : [])] : []);
  const crossingRows = () => (qualities.length ? [element("h3", {}, say("crossings_layer")),
    ...qualities.map((quality) => line(element("span", { className: `crossing ${quality}` }), say(quality)))] : []);
  function draw() {
    const parts = [communeRows(), sectorRows(), crossingRows()];
    if (page.view !== "communes") parts.push(parts.shift());
    const absent = data.surface || data.tabs.length < 2 ? [] : [element("p", {}, say("no_surface"))];
    box.replaceChildren(element("summary", {}, say("legend")), ...parts.flat(), ...absent);
  }
  return { draw, box };
}
