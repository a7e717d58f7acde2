// One rater at work: which picture is next, what was said of it, and what the keys do.

import { Outbox } from "/rank_outbox.js";
import { ask, randomId, rememberName, rememberedName } from "/rank_wire.js";
import {
  MODES, byId, element, introduce, pictureUrl, setUp, showOnly, showProgress, showTask, toast, urlsOf, zoom,
} from "/rank_view.js";

const AHEAD = 3; // tasks whose pictures are loaded before they are wanted
const LOW = 6; // tasks at hand before more are asked for
const RETRY = 1500; // milliseconds
const SETTLE = 150; // milliseconds for which a picture just shown takes no answer, so that a double press is one

let session = null;
let outbox = null;
let mode = null;
let current = null; // the task on the screen
let queue = [];
let history = []; // {task, vote}
let judged = new Set(); // tasks answered here, which the server may not know yet
let images = new Map(); // address -> <img>, of the tasks at hand
let counts = { done: 0, waiting: 0, skipped: 0, seconds: null };
let filter = {};
let skippedOnly = false;
let filling = null;
let answers = 0; // given or taken back on this page
let pace = []; // seconds of the last answers
let shownAt = 0;
let hiddenAt = 0;

const keyOf = (task) => [task.item, task.other].sort().join("+");

async function enter(name) {
  session = { ...(await ask("/api/session", { rater: name })), shown: name.trim() };
  outbox?.close();
  outbox = new Outbox(session.set, showLine, (text) => toast(text));
  mode = MODES[session.mode];
  rememberName(name);
  introduce(session);
  setUp(session, answer);
  const waiting = outbox.entries().map(([, entry]) => entry).filter(({ vote }) => vote.rater === session.rater);
  const undone = new Set(waiting.filter(({ kind }) => kind === "undo").map(({ vote }) => vote.id));
  judged = new Set(waiting.filter(({ vote }) => !undone.has(vote.id)).map(({ vote }) => keyOf(vote)));
  history = session.history.filter(({ id }) => !undone.has(id)).map(({ id, score, task }) => ({
    task, vote: voteOn(task, score, 0, id),
  }));
  queue = [];
  current = null;
  filter = {};
  skippedOnly = false;
  images = new Map();
  showOnly("work");
  await outbox.send();
  await fill();
  next();
}

// More tasks from the server. It does not know what this page holds or has not sent yet, so more than enough are asked for.
function fill() {
  filling ??= refill().finally(() => { filling = null; });
  return filling;
}

async function refill() {
  const unsent = outbox.entries().length;
  const before = answers;
  const limit = Math.min(500, 2 * LOW + queue.length + unsent + 1);
  const asked = JSON.stringify([filter, skippedOnly]);
  const found = await ask("/api/queue", { rater: session.rater, ...filter, skipped: skippedOnly, limit });
  if (asked !== JSON.stringify([filter, skippedOnly])) return;
  const held = new Set([...queue, current].filter(Boolean).map(keyOf));
  queue.push(...found.tasks.filter((task) => !held.has(keyOf(task)) && !judged.has(keyOf(task))));
  // Otherwise the server has counted without what was said here in the meantime.
  if (!unsent && before === answers) counts = found;
  drawProgress();
  preload();
}

function preload() {
  const near = [current, ...queue.slice(0, AHEAD), ...history.slice(-1).map(({ task }) => task)].filter(Boolean);
  const kept = new Map();
  for (const url of near.flatMap(urlsOf)) kept.set(url, images.get(url) ?? load(url));
  images = kept;
}

// A picture that did not come is asked for again, as long as it is wanted.
function load(url) {
  const image = element("img", { src: url, decoding: "async" });
  image.addEventListener("error", () => setTimeout(() => {
    if (images.get(url) === image) image.src = url;
  }, RETRY));
  return image;
}

function next() {
  const task = queue.shift();
  if (!task) return finish();
  show(task);
}

function show(task, said) {
  current = task;
  shownAt = performance.now();
  preload();
  showOnly("work");
  showTask(task, images, said, enlarge);
  byId("undo").disabled = !history.length;
  byId("undo-text").textContent = history.length ? `Undo ${sayShort(history.at(-1).vote.score)}` : "Undo";
  if (queue.length < LOW && counts.waiting + counts.skipped > queue.length) fill().catch(offline);
}

async function finish() {
  current = null;
  try {
    await outbox.send();
    await fill();
  } catch (problem) {
    offline(problem);
  }
  if (queue.length) return next();
  const filtered = Object.keys(filter).length > 0;
  showOnly("end");
  byId("end-title").textContent = counts.skipped ? "Only the skipped ones are left" : "That was the last one";
  byId("end-text").textContent = `${counts.done} answers${filtered ? " among the pictures chosen" : ""} are kept. ` +
    (counts.skipped ? `You skipped ${counts.skipped}.` : `Thank you, ${session.shown}.`);
  const shown = { "see-skipped": counts.skipped, "clear-filter": filtered, "end-undo": history.length };
  for (const [id, wanted] of Object.entries(shown)) byId(id).hidden = !wanted;
}

// Nothing can be asked for now; what is to be done is tried again until it can.
function offline(problem, again = goOn) {
  byId("unsent").textContent = problem?.status === 401
    ? "This page needs its whole link again: ask whoever started it."
    : "The server does not answer. This page goes on as soon as it does.";
  byId("unsent").hidden = false;
  setTimeout(() => again().catch(offline), 2000);
}

async function goOn() {
  await fill();
  showLine();
  if (!current && queue.length) next();
}

// Seconds for which the picture was on the screen, without the time in which the tab was hidden.
const looked = () => Math.round(performance.now() - shownAt) / 1000;

function voteOn(task, score, seconds, id = randomId()) {
  const { item, other, mark } = task;
  return { set: session.set, id, rater: session.rater, item, other, mark, score, seconds };
}

const loaded = (task) => [task.item, task.other].filter(Boolean)
  .every((id) => images.get(pictureUrl(id, task.mark))?.naturalWidth > 0);

function answer(score) {
  if (!current || byId("work").hidden || performance.now() - shownAt < SETTLE) return;
  if (score !== null && !loaded(current)) return toast("The picture is still loading.");
  const task = current;
  const vote = voteOn(task, score, looked());
  answers++;
  judged.add(keyOf(task));
  history.push({ task, vote });
  pace = [...pace, vote.seconds].slice(-30);
  if (!skippedOnly) counts.waiting--;
  else counts.skipped--;
  if (score === null) counts.skipped++;
  else counts.done++;
  outbox.add("vote", vote);
  drawProgress();
  next();
  const said = score === null ? "Skipped" : mode.choices.find((one) => one.score === score).text;
  byId("said").textContent = current ? `${said}. Next: ${current.caption}` : said;
}

// On the button that takes it back: what was said last can be seen there at any time.
const sayShort = (score) => score === null ? "skip" : mode.choices.find((one) => one.score === score).key;

function undo() {
  const last = history.pop();
  if (!last) return toast("There is nothing to take back.");
  const { task, vote } = last;
  answers++;
  judged.delete(keyOf(task));
  outbox.add("undo", vote);
  if (vote.score === null) counts.skipped--;
  else counts.done--;
  if (skippedOnly) counts.skipped++;
  else counts.waiting++;
  queue = queue.filter((one) => keyOf(one) !== keyOf(task));
  if (current) queue.unshift(current);
  drawProgress();
  show(task, vote.score ?? undefined);
  byId("said").textContent = `Taken back: ${task.caption}`;
}

function enlarge() {
  if (!current) return;
  zoom([current.item, current.other].filter(Boolean).map((id) => pictureUrl(id, current.mark)), current.caption);
}

function drawProgress() {
  const seconds = pace.length ? pace.toSorted((a, b) => a - b)[pace.length >> 1] : counts.seconds;
  showProgress(counts.done, skippedOnly ? counts.skipped : counts.waiting, seconds);
}

function showLine() {
  const unsent = outbox.entries().length;
  byId("unsent").hidden = !outbox.problem;
  if (outbox.problem) {
    const what = unsent === 1 ? "1 answer waits" : `${unsent} answers wait`;
    byId("unsent").textContent = `${outbox.problem}. ${what} in this browser and will be sent; you can go on.`;
  }
  document.body.dataset.unsent = unsent;
}

async function restart() {
  queue = [];
  current = null;
  await outbox.send();
  if (filling) await filling.catch(() => {});
  await fill();
  next();
}

function applyFilter(clear) {
  if (clear) for (const id of ["subjects", "noun", "relation", "words"]) byId(`filter-${id}`).value = "";
  const entries = ["subjects", "noun", "relation", "words"].map((id) => [id, byId(`filter-${id}`).value.trim()]);
  filter = Object.fromEntries(entries.filter(([, value]) => value));
  const active = Object.keys(filter).length;
  byId("open-filters").textContent = active ? `Filter: ${active}` : "Filter";
  skippedOnly = false;
  restart().catch(offline);
}

function onKey(event) {
  if (event.repeat || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, select, textarea") || byId("bar").hidden) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey) {
    if (key === "z") { event.preventDefault(); undo(); }
    return;
  }
  const actions = {
    u: undo, backspace: undo, s: () => answer(null), z: enlarge, f: () => byId("filters").showModal(),
    x: () => document.body.classList.toggle("boxes"), "?": () => byId("help").showModal(),
  };
  const action = key in mode.keys ? () => answer(mode.keys[key]) : actions[key];
  if (action) { event.preventDefault(); action(); }
}

async function start() {
  const known = rememberedName();
  byId("name").value = known;
  try {
    introduce(await ask("/api/about", {}));
    byId("unsent").hidden = true;
    if (known) return await enter(known);
  } catch (problem) {
    if (!problem.status || problem.status === 401) offline(problem, start);
  }
  return showOnly("welcome");
}

function connect() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenAt = performance.now();
    else shownAt += performance.now() - hiddenAt;
  });
  for (const id of ["undo", "end-undo"]) byId(id).addEventListener("click", undo);
  byId("skip").addEventListener("click", () => answer(null));
  byId("open-help").addEventListener("click", () => byId("help").showModal());
  byId("open-filters").addEventListener("click", () => byId("filters").showModal());
  byId("filters").addEventListener("close", () => {
    const chosen = byId("filters").returnValue;
    byId("filters").returnValue = "";
    if (chosen) applyFilter(chosen === "clear");
  });
  for (const id of ["zoom-close", "zoomed"]) byId(id).addEventListener("click", () => byId("zoom").close());
  byId("clear-filter").addEventListener("click", () => applyFilter(true));
  byId("see-skipped").addEventListener("click", () => {
    skippedOnly = true;
    for (const { task, vote } of history) if (vote.score === null) judged.delete(keyOf(task));
    restart().catch(offline);
  });
  byId("leave").addEventListener("click", () => { rememberName(""); location.reload(); });
  byId("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("name-problem").textContent = "";
    enter(byId("name").value).catch((problem) => {
      showOnly("welcome");
      byId("name-problem").textContent = problem.status ? problem.message : "The server does not answer.";
    });
  });
}

connect();
start();
