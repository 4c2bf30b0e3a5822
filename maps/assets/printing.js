/* On paper: the whole map, the legend opened, the first ten of the ranking; on screen again what was before. */
function makePrinting(page) {
  const { map } = page;
  let before = null;
  window.addEventListener("beforeprint", () => {
    before ??= { centre: map.getCenter(), zoom: map.getZoom(), legend: page.legend.box.open };
    page.search.clear();
    page.search.draw();
    page.legend.box.open = true;
    document.body.classList.add("printing");
    map.invalidateSize({ animate: false });
    page.showAll(true);
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    page.legend.box.open = before.legend;
    // The map moves once more when it is told of its size on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      map.invalidateSize({ animate: false });
      map.setView(before.centre, before.zoom, { animate: false });
      before = null;
    }));
  });
}
