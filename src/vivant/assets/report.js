"use strict";
// Orders and finds cases; without it the page shows all of them, in the order in which they were written.
for (const part of document.querySelectorAll(".cases-part")) {
  const list = part.querySelector(".cases"), cases = [...list.children];
  const [who, by, find, none] = [".who", ".by", ".find", ".none-left"].map((name) => part.querySelector(name));
  const good = new Map(cases.map((item) => [item, JSON.parse(item.dataset.good)]));
  const value = (item) => {
    const [first, second] = who.value.split("\n").map((name) => good.get(item)[name]?.[by.value]);
    const behind = who.value.includes("\n") ? first - second : first;
    return Number.isFinite(behind) ? behind : Infinity;
  };
  const order = () => list.append(...cases.map((item) => [value(item), item])
    .sort(([one], [other]) => (one === other ? 0 : one - other)).map(([, item]) => item));
  const sift = () => {
    const words = find.value.toLowerCase().split(/\s+/);
    for (const item of cases) item.hidden = !words.every((word) => item.dataset.words.includes(word));
    part.classList.toggle("searched", find.value.trim() !== "");
    none.hidden = cases.some((item) => !item.hidden);
  };
  who.addEventListener("change", order);
  by.addEventListener("change", order);
  find.addEventListener("input", sift);
  part.querySelector(".scripted").hidden = false;
}
// What is behind a click is on paper too.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not(.case details)")) fold.open = true;
});
