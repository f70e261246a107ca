// The three curves of a run's report, and the frame of all its pictures (pictures.js has the others). Words and numbers come from the page's JSON; colours from
// its style sheet. Tooltips are rich text: the Content-Security-Policy allows no inline style.
"use strict";

const data = JSON.parse(document.getElementById("curves").textContent);
const NARROW = 560;
const LINES = {
  received: { type: "solid", symbol: "circle" },
  responded: { type: [2, 3], symbol: "rect" },
  replied: { type: "dashed", symbol: "triangle" },
  closed: { type: [10, 4, 2, 4], symbol: "roundRect" },
  solved: { type: "solid", symbol: "diamond" },
};
const thousands = (value) => (value == null ? "–" : Math.round(value).toLocaleString("en"));

function colour(name) {
  return getComputedStyle(document.querySelector(".chart")).getPropertyValue(`--${name}`).trim();
}

function running(values) {
  let sum = 0;
  return values.map((value) => (sum += value));
}

// The mean of the seven days around each day, of fewer at both ends.
function weekly(values) {
  return values.map((_value, day) => {
    const days = values.slice(Math.max(day - 3, 0), day + 4);
    return days.reduce((a, b) => a + b, 0) / days.length;
  });
}

function line(measure, name, values, more = {}) {
  return {
    name,
    type: "line",
    data: values,
    showSymbol: false,
    symbol: LINES[measure]?.symbol || "circle",
    lineStyle: { width: 2, type: LINES[measure]?.type || "solid" },
    itemStyle: { color: colour(measure) },
    emphasis: { disabled: true },
    ...more,
  };
}

const PICTURES = {
  daily() {
    const { labels, words } = data;
    const mean = (name) => labels[name] + words.weekly;
    return [
      {
        name: words.daily,
        type: "bar",
        data: data.received,
        itemStyle: { color: colour("faint") },
        emphasis: { disabled: true },
        barCategoryGap: "10%",
      },
      line("received", mean("received"), weekly(data.received)),
      line("replied", mean("replied"), weekly(data.replied)),
    ];
  },
  open() {
    return [line("open", data.labels.open, data.open, { areaStyle: { opacity: 0.15 } })];
  },
  sums(narrow) {
    const curves = Object.keys(LINES).map((name) =>
      line(name, data.labels[name], running(data[name])),
    );
    const measures = [...new Set(data.points.map((point) => point.measure))];
    return [...curves, ...measures.map((measure) => published(measure, narrow))];
  },
};

function published(measure, narrow) {
  const points = data.points.filter((point) => point.measure === measure);
  return {
    name: data.words.published + data.labels[measure],
    type: "scatter",
    symbol: "diamond",
    symbolSize: 13,
    z: 5,
    data: points.map((point) => [point.day, point.value]),
    itemStyle: { color: colour(measure), borderColor: colour("ink"), borderWidth: 1.5 },
    label: {
      show: !narrow,
      position: "bottom",
      offset: [-22, 0],
      formatter: (point) => thousands(point.value[1]),
      color: colour("ink"),
      backgroundColor: colour("paper"),
      padding: [1, 3],
    },
  };
}

// The tooltips' look; rich text, and never wider than the picture.
function tooltip(more) {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: colour("paper"),
    borderColor: colour("rule"),
    textStyle: { color: colour("ink"), fontSize: 13 },
    ...more,
  };
}

function option(kind, width) {
  const narrow = width < NARROW;
  if (!(kind in DRAWINGS)) return curve(kind, width, narrow);
  const drawn = DRAWINGS[kind](JSON.parse(document.getElementById(kind).textContent), narrow);
  const textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
  return { animation: false, textStyle, ...drawn, tooltip: tooltip(drawn.tooltip) };
}

function curve(kind, width, narrow) {
  const series = PICTURES[kind](narrow);
  const ink = colour("ink");
  const everyMonths = width < 380 ? 3 : narrow ? 2 : 1;
  const first = Number(data.days[0].slice(5, 7));
  const labelled = (_index, day) =>
    day.endsWith("-01") && (Number(day.slice(5, 7)) - first + 12) % everyMonths === 0;
  const legend = series.length > 1 && {
    top: 0,
    left: 0,
    itemWidth: 26,
    itemGap: narrow ? 8 : 16,
    textStyle: { color: ink, fontSize: 13 },
    data: series.filter((one) => one.type !== "scatter").map((one) => one.name),
  };
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    legend: legend || { show: false },
    grid: { left: 12, right: 14, top: legend ? (narrow ? 62 : 40) : 14, bottom: 4, containLabel: true },
    tooltip: tooltip({
      trigger: "axis",
      valueFormatter: (value) => thousands(Array.isArray(value) ? value[1] : value),
    }),
    xAxis: {
      type: "category",
      data: data.days,
      axisTick: { interval: labelled, lineStyle: { color: colour("rule") } },
      axisLabel: { interval: labelled, formatter: (day) => day.slice(0, 7), color: ink, hideOverlap: true },
      axisLine: { lineStyle: { color: colour("rule") } },
    },
    yAxis: {
      type: "value",
      axisLabel: { formatter: thousands, color: ink },
      splitLine: { lineStyle: { color: colour("rule") } },
    },
    series,
  };
}

const charts = [...document.querySelectorAll("[data-chart]")].map((box) => ({
  kind: box.dataset.chart,
  box,
  chart: echarts.init(box, null, { renderer: "canvas", devicePixelRatio: 2 }),
}));

function draw(width) {
  for (const { kind, box, chart } of charts) {
    chart.resize(width ? { width } : undefined);
    chart.setOption(option(kind, width || box.clientWidth), true);
  }
}

draw();
const sizes = new ResizeObserver(() => draw());
charts.forEach(({ box }) => sizes.observe(box));
new MutationObserver(() => draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
// Paper is white and as wide as a page, whatever the screen is.
const PAPER_WIDTH = 660;
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("on-paper");
  document.querySelectorAll("details.numbers").forEach((details) => (details.open = true));
  draw(PAPER_WIDTH);
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("on-paper");
  draw();
});
