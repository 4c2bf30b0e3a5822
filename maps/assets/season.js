/* The slider over the months of the year, shown with its layer. */
function makeSeason(page) {
  const { data, map } = page;
  const { say, number, range, month } = page.words;
  const season = data.season;
  if (!season) return { draw: () => {} };
  const box = element("div", { className: "season" });
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => box;
  control.addTo(map);

  const around = (at) => [at + 11, at, at + 1].map((i) => i % 12);
  function text() {
    const years = around(page.month).map((i) => season.years[i]);
    const months = say("range", { low: month(page.month - 1), high: month(page.month + 1) });
    const together = range(Math.min(...years), Math.max(...years));
    return season.totals
      ? say("season_total", { months, years: together, n: number(season.totals[page.month]), all: number(season.all) })
      : say("season_months", { months, years: together });
  }
  function bars() {
    if (!season.totals) return "";
    const most = Math.max(...season.totals);
    return element("div", { className: "bars", ariaHidden: "true" }, ...season.totals.map((total, i) => {
      const bar = element("span", { className: i === page.month ? "now" : "" });
      bar.style.height = `${(100 * total) / most}%`;
      return bar;
    }));
  }
  const notes = () => [!season.differ && say("season_even"), season.undated && say("season_undated", { n: number(season.undated) })]
    .filter(Boolean);
  function draw() {
    box.hidden = !page.layers.shown("season_layer");
    const slider = element("input", { type: "range", id: "month", min: 1, max: 12, value: page.month + 1 });
    const output = element("output", { htmlFor: "month" }, text());
    const chart = element("div", {}, bars());
    const name = () => slider.setAttribute("aria-valuetext", text());
    name();
    slider.addEventListener("input", () => {
      page.month = Number(slider.value) - 1;
      output.textContent = text();
      chart.replaceChildren(bars());
      name();
      page.restyle();
    });
    box.replaceChildren(element("label", { htmlFor: "month" }, say("season_slider")), chart, slider, output);
  }
  return { draw, text, notes };
}
