/* Draws the page's data on a Leaflet map: its parts know each other only by this page. */
function diemnong(map) { // eslint-disable-line no-unused-vars
  const data = JSON.parse(byId("data").textContent);
  const features = Object.fromEntries(["communes", "sectors", "crossings"].map((kind) => [kind, featuresOf(data[kind])]));
  const highest = (kind) => features[kind].reduce((most, { properties: p }) => Math.max(most, p.upper ?? 0), 0);
  const page = {
    data, map, features,
    box: map.getContainer(),
    wide: window.matchMedia("(min-width: 761px)").matches,
    words: makeWords(data),
    communeNames: new Map(features.communes.map(({ properties: p }) => [p.commune_code, p.name])),
    most: { communes: highest("communes"), sectors: highest("sectors") },
    valueOf: { communes: (p) => p[data.values.communes], sectors: (p) => p[data.values.sectors] },
    view: "communes",
    month: 0,
    first: { communes: Math.min(10, features.communes.length), sectors: Math.min(10, features.sectors.length) },
  };
  const { say, day } = page.words;

  // Equal ranks come first together.
  const lastRank = (kind) => features[kind][page.first[kind] - 1]?.properties.rank ?? 0;
  page.isFirst = (kind, p) => p.rank !== null && p.rank <= lastRank(kind);
  page.firstCount = (kind) => features[kind].filter(({ properties: p }) => page.isFirst(kind, p)).length;
  page.open = (...given) => page.cards.open(...given);
  page.restyle = () => {
    page.layers.restyle();
    page.legend.draw();
  };
  page.showAll = (legendBeside) =>
    map.fitBounds(page.layers.everything, { animate: false, paddingBottomRight: [legendBeside ? 270 : 0, 0] });

  function draw() {
    const { lang } = page.words;
    const title = say(data.effort_known ? "title_risk" : "title_recorded", { title: data.title });
    const cautions = [data.approximate && "approximate", !data.effort_known && "effort_unknown"].filter(Boolean);
    document.documentElement.lang = lang;
    document.title = data.simulated ? `${say("simulated")} – ${title}` : title;
    byId("title").textContent = title;
    byId("language").textContent = lang === "vi" ? "English" : "Tiếng Việt";
    byId("print").textContent = say("print");
    byId("simulated").hidden = !data.simulated;
    byId("simulated").textContent = ["vi", "en"].map((each) => data.words[each].simulated).join(" — ");
    byId("cautions").hidden = !cautions.length;
    byId("cautions").textContent = cautions.map((key) => say(key)).join(". ");
    byId("about").textContent = `${say("about", { start: day(data.period[0]), end: day(data.period[1]),
      made_on: day(data.made_on), vintage: day(data.vintage) })} ${say("stamp", {
      valid_until: day(data.valid_until), model: data.model ?? say("default_model"), level: say(`level_${data.level}`) })} ${say("limits")}`;
    page.search.name();
    page.ranking.draw();
  }
  function drawControls() {
    page.layers.drawControl();
    page.legend.draw();
    page.season.draw();
    page.cards.draw();
  }
  byId("language").addEventListener("click", () => {
    page.words.lang = page.words.lang === "vi" ? "en" : "vi";
    draw();
    drawControls();
  });
  byId("print").addEventListener("click", () => window.print());

  // On a phone the footer's words scroll away with the list.
  if (!page.wide) byId("panel").append(byId("about"));
  page.cards = makeCards(page);
  page.layers = makeLayers(page);
  page.season = makeSeason(page);
  page.legend = makeLegend(page);
  page.ranking = makeRanking(page);
  page.search = makeSearch(page);
  makePrinting(page);
  // The words come first: how tall they are decides how much room the map has.
  draw();
  map.invalidateSize({ animate: false });
  page.showAll(page.wide);
  page.layers.add();
  drawControls();
  // As far as one step further out shows, whatever the shape of the window.
  map.setMinZoom(map.getZoom() - 1).setMaxBounds(map.getBounds().pad(1));
}
