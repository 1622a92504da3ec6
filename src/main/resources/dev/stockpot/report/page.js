"use strict";
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const colours = ["#1f83c8", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d46",
    "#7b5ea7", "#848484"];
  const shapes = ["circle", "rect", "triangle", "rectRot", "crossRot", "star"];
  const radius = { points: 5, stars: 11, line: 3, steps: 0 };
  const charts = [];

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Five significant digits.
  const digits = (value) => (Number.isInteger(value) ? String(value) : Number(value.toPrecision(5)).toString());

  const dataset = (series, index) => ({
    label: series.label,
    data: series.points,
    showLine: series.mark === "line" || series.mark === "steps",
    stepped: series.mark === "steps" ? "before" : false,
    borderColor: colours[index % colours.length],
    backgroundColor: colours[index % colours.length],
    borderWidth: 2,
    pointStyle: series.mark === "stars" ? "star" : shapes[index % shapes.length],
    pointRadius: radius[series.mark],
    pointHoverRadius: radius[series.mark] + 2,
    pointBorderWidth: series.mark === "stars" ? 3 : 1,
  });

  // Trials and epochs are whole numbers.
  const counted = (plot) => plot.series.every((series) => series.points.every((point) => Number.isInteger(point.x)));

  const axis = (title, whole) => ({
    title: { display: true, text: title, color: style("--soft") },
    ticks: whole ? { color: style("--soft"), precision: 0 } : { color: style("--soft") },
    grid: { color: style("--line") },
  });

  const options = (plot) => ({
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "nearest", intersect: true },
    scales: { x: axis(plot.x, counted(plot)), y: axis(plot.y, false) },
    plugins: {
      legend: { labels: { color: style("--ink"), usePointStyle: true, boxWidth: 7, boxHeight: 7 } },
      tooltip: {
        callbacks: {
          label: (item) => {
            const name = item.raw.name ? `: ${item.raw.name}` : "";
            return `${item.dataset.label}${name} (${digits(item.raw.x)}, ${digits(item.raw.y)})`;
          },
        },
      },
    },
  });

  const drawn = { id: "drawn", afterDraw: (chart) => { chart.canvas.dataset.drawn = "true"; } };

  const draw = () => {
    charts.splice(0).forEach((chart) => chart.destroy());
    for (const plot of plots) {
      charts.push(new Chart(document.getElementById(plot.id), {
        type: "scatter",
        data: { datasets: plot.series.map(dataset) },
        options: options(plot),
        plugins: [drawn],
      }));
    }
    document.documentElement.dataset.plots = String(charts.length);
  };

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
    charts.forEach((chart) => chart.resize());
  });
  addEventListener("afterprint", () => charts.forEach((chart) => chart.resize()));
})();
