// The forecast's picture: open letters by day with the band of 95 % of the replications, and how
// many of them were there at the start. Words and numbers come from the page's JSON.
"use strict";

const ahead = JSON.parse(document.getElementById("forecast").textContent);
const box = document.querySelector("[data-forecast]");
const picture = echarts.init(box, null, { renderer: "canvas", devicePixelRatio: 2 });
const whole = (value) => (value == null ? "–" : Math.round(value).toLocaleString("en"));

function tint(name) {
  return getComputedStyle(box).getPropertyValue(`--${name}`).trim();
}

function lines() {
  const { open, old, words } = ahead;
  const plain = { type: "line", showSymbol: false, emphasis: { disabled: true } };
  const band = { ...plain, stack: "band", lineStyle: { opacity: 0 }, itemStyle: { color: tint("open") } };
  return [
    { ...band, name: "low", data: open.low, tooltip: { show: false } },
    {
      ...band,
      name: words.band,
      data: open.high.map((high, day) => high - open.low[day]),
      areaStyle: { color: tint("open"), opacity: 0.18 },
      tooltip: { show: false },
    },
    { ...plain, name: words.open, data: open.middle, lineStyle: { width: 2 }, itemStyle: { color: tint("open") } },
    {
      ...plain,
      name: words.old,
      data: old.middle,
      lineStyle: { width: 2, type: "dashed" },
      itemStyle: { color: tint("replied") },
    },
  ];
}

function paint() {
  const ink = tint("ink");
  const { words } = ahead;
  picture.resize();
  picture.setOption(
    {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { top: 0, left: 0, data: [words.open, words.band, words.old], textStyle: { color: ink, fontSize: 13 } },
      grid: { left: 12, right: 14, top: box.clientWidth < 560 ? 64 : 40, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        valueFormatter: whole,
        backgroundColor: tint("paper"),
        borderColor: tint("rule"),
        textStyle: { color: ink, fontSize: 13 },
      },
      xAxis: {
        type: "category",
        data: ahead.days,
        axisLabel: { color: ink, hideOverlap: true, formatter: (day) => day.slice(5) },
        axisLine: { lineStyle: { color: tint("rule") } },
      },
      yAxis: {
        type: "value",
        axisLabel: { formatter: whole, color: ink },
        splitLine: { lineStyle: { color: tint("rule") } },
      },
      series: lines(),
    },
    true,
  );
}

paint();
new ResizeObserver(paint).observe(box);
new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
