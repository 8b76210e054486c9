// What a page does beside htmx: it says when it was refreshed and marks where one is, and it draws the chart of the RPO.
"use strict";

(() => {
  const refreshed = document.getElementById("refreshed");
  let failing = false;
  const say = (text) => { if (refreshed.textContent !== text) refreshed.textContent = text; };

  // Only what changes is said: a reader that hears the time every five seconds hears nothing else.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const failed = !event.detail.successful;
    if (failed !== failing) {
      say(failed ? "The appliance does not answer: what is shown is old." : "The appliance answers again.");
    }
    failing = failed;
  });

  // A part is not exchanged under somebody who has the focus, or a selection, in it.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    const selection = document.getSelection();
    if (target.contains(document.activeElement) || (selection.toString() && target.contains(selection.anchorNode))) {
      event.detail.shouldSwap = false;
    }
  });

  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
  }

  const seconds = (count) => count < 60 ? count.toFixed(1) + " s" : Math.floor(count / 60) + " min " + Math.round(count % 60) + " s";

  const chart = (figure) => {
    const caption = figure.querySelector("figcaption");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    let plot = null;

    const draw = (history) => {
      const worst = Math.max(0, ...history.rpoSeconds);
      const now = history.rpoSeconds.at(-1);
      caption.textContent = now === undefined ? "It is looked at every ten seconds: nothing to be seen yet."
        : "Now " + seconds(now) + ", at its worst " + seconds(worst) + ".";
      const data = [history.times, history.rpoSeconds];
      if (plot) { plot.setData(data); return; }
      const style = getComputedStyle(document.documentElement);
      const axis = { stroke: style.getPropertyValue("--soft"), grid: { stroke: style.getPropertyValue("--line"), width: 1 } };
      plot = new uPlot({
        width: figure.clientWidth - 24, height: 220, legend: { show: false }, cursor: { show: false },
        scales: { y: { range: (self, min, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [axis, { ...axis, size: 60, values: (self, ticks) => ticks.map((tick) => tick + " s") }],
        series: [{}, { label: "RPO", stroke: style.getPropertyValue("--accent"), width: 2, points: { show: history.times.length < 3 } }],
      }, data, figure);
      plot.root.setAttribute("role", "img");
      plot.root.setAttribute("aria-label", "The RPO over the last hour. Its caption says the same.");
    };

    const load = () => fetch(figure.dataset.history, { headers: { Accept: "application/json" } })
      .then((answer) => answer.ok ? answer.json().then(draw) : Promise.reject(new Error(String(answer.status))))
      .catch(() => { caption.textContent = "The RPO could not be read."; });

    const again = () => { if (plot) { plot.destroy(); plot = null; } load(); };
    addEventListener("resize", () => { if (plot) plot.setSize({ width: figure.clientWidth - 24, height: 220 }); });
    dark.addEventListener("change", again);
    setInterval(load, 10000);
    load();
  };

  document.querySelectorAll(".chart").forEach(chart);
})();
