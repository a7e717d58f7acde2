// What is on the screen. Text from the server is only ever set as text.

export const byId = (id) => document.getElementById(id);

// The five words of ITU-R BT.500 for the quality of pictures.
export const MODES = {
  rate: {
    label: "Your rating, 1 to 5",
    question: "How good are these pictures?",
    how: "You will see one picture after another, and beside it what it should show. Say how good it is, from 1 to 5:",
    choices: [
      { score: 1, key: "1", text: "Bad" },
      { score: 2, key: "2", text: "Poor" },
      { score: 3, key: "3", text: "Fair" },
      { score: 4, key: "4", text: "Good" },
      { score: 5, key: "5", text: "Excellent" },
    ],
    keys: { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 },
    help: [["1 to 5", "rate, and go on"]],
  },
  pair: {
    label: "Which one is better?",
    question: "Which picture is better?",
    how: "You will see two pictures at a time, and beside them what they should show. Say which is better:",
    choices: [
      { score: 1, key: "A", text: "Left is better", small: "Upper is better" },
      { score: 0, key: "0", text: "No difference" },
      { score: 2, key: "B", text: "Right is better", small: "Lower is better" },
    ],
    keys: { a: 1, arrowleft: 1, 1: 1, b: 2, arrowright: 2, 2: 2, 0: 0, "=": 0 },
    help: [["A or ←", "the left one is better"], ["B or →", "the right one is better"], ["0", "no difference"]],
  },
};
const HELP = [
  ["U or Backspace", "take the last answer back"],
  ["S", "skip; skipped pictures come again at the end"],
  ["X", "show where the subjects should be"],
  ["Z", "look at the picture pixel by pixel"],
  ["F", "choose which pictures"],
  ["?", "this page"],
];

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function pictureUrl(id, mark) {
  return `/picture/${id}/${mark}.png`;
}

export function referenceUrl(task, subject, number) {
  return `/reference/${task.item}/${task.mark}/${subject}/${number}.png`;
}

// Everything that a task shows, in the order in which it is wanted.
export function urlsOf(task) {
  const pictures = [task.item, task.other].filter(Boolean).map((id) => pictureUrl(id, task.mark));
  const references = task.subjects.flatMap((subject, index) =>
    Array.from({ length: subject.references }, (_, number) => referenceUrl(task, index, number)));
  return [...pictures, ...references];
}

export function introduce({ title, mode, criteria }) {
  document.title = `Rate ${title}`;
  byId("title").textContent = title;
  byId("welcome-title").textContent = title;
  byId("welcome-question").textContent = MODES[mode].question;
  byId("welcome-how").textContent = MODES[mode].how;
  for (const id of ["criteria", "help-criteria", "welcome-criteria"]) {
    byId(id).replaceChildren(...criteria.map((text) => element("li", { textContent: text })));
  }
}

export function setUp(session, onChoice) {
  const mode = MODES[session.mode];
  byId("leave").textContent = session.shown;
  byId("keys").replaceChildren(...[...mode.help, ...HELP].flatMap(([keys, text]) => [
    element("dt", {}, ...keys.split(" or ").flatMap((key, index) => [index ? " or " : "", element("kbd", { textContent: key })])),
    element("dd", { textContent: text }),
  ]));
  const choices = byId("choices");
  choices.setAttribute("aria-label", mode.label);
  choices.className = session.mode;
  choices.replaceChildren(...mode.choices.map((choice) => {
    const button = element("button", { type: "button" }, element("kbd", { textContent: choice.key }),
      element("span", { textContent: choice.text, className: choice.small ? "wide" : "" }));
    if (choice.small) button.append(element("span", { textContent: choice.small, className: "narrow" }));
    button.dataset.score = choice.score;
    button.addEventListener("click", () => onChoice(choice.score));
    return button;
  }));
  fillFilters(session.facets);
}

function fillFilters({ subjects, nouns, relations }) {
  const fill = (id, any, options) => {
    byId(id).replaceChildren(element("option", { value: "", textContent: any }), ...options);
    byId(id).parentElement.hidden = options.length < 2;
  };
  const option = ([value, count]) => element("option", { value, textContent: `${value} (${count})` });
  fill("filter-subjects", "any number", subjects.map(option));
  fill("filter-noun", "anything", nouns.map(option));
  fill("filter-relation", "any", relations.map(option));
}

// images: loaded or loading <img> elements of this task, by address.
export function showTask(task, images, before, onZoom) {
  const stage = byId("stage");
  const shots = [task.item, task.other].filter(Boolean).map((id, index) => {
    const image = images.get(pictureUrl(id, task.mark));
    image.alt = task.other ? `${index ? "B" : "A"}: ${task.caption}` : task.caption;
    const shot = element("button", { type: "button", className: "shot", title: "Enlarge (Z)" }, image);
    shot.addEventListener("click", onZoom);
    if (task.other) shot.append(element("b", { className: "letter", textContent: "AB"[index], ariaHidden: "true" }));
    const fit = () => shot.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight || 1);
    fit();
    image.addEventListener("load", fit);
    task.subjects.forEach((subject, number) => subject.box && shot.append(boxOf(subject, number)));
    return shot;
  });
  stage.className = task.other ? "two" : "one";
  stage.replaceChildren(...shots);
  byId("caption").textContent = task.caption;
  byId("detailed").textContent = task.detailed;
  byId("subjects").replaceChildren(...task.subjects.map((subject, number) => card(task, subject, number, images)));
  byId("about").scrollTop = 0;
  for (const button of byId("choices").children) {
    button.toggleAttribute("data-before", before !== undefined && Number(button.dataset.score) === before);
  }
}

function boxOf({ noun, box }, number) {
  const [x0, y0, x1, y1] = box;
  const frame = element("i", { className: "box" }, element("b", { textContent: noun }));
  frame.dataset.subject = number;
  frame.dataset.hue = number % 6;
  frame.ariaHidden = "true";
  if (y0 < 0.08) frame.classList.add("at-top");
  Object.assign(frame.style, {
    left: `${x0 * 100}%`, top: `${y0 * 100}%`, width: `${(x1 - x0) * 100}%`, height: `${(y1 - y0) * 100}%`,
  });
  return frame;
}

function card(task, subject, number, images) {
  const photos = Array.from({ length: subject.references }, (_, one) => {
    const image = images.get(referenceUrl(task, number, one));
    image.alt = `${subject.noun}, the photo it should look like`;
    const button = element("button", { type: "button", className: "reference", title: "Enlarge" }, image);
    button.addEventListener("click", () => zoom([image.src], image.alt));
    return button;
  });
  const made = element("li", {}, ...photos, element("span", { textContent: subject.noun }));
  made.dataset.hue = number % 6;
  if (subject.box) {
    const show = (on) => document.querySelector(`.box[data-subject="${number}"]`)?.classList.toggle("lit", on);
    for (const [name, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]]) {
      made.addEventListener(name, () => show(on));
    }
  }
  return made;
}

export function zoom(urls, alt) {
  byId("zoomed").replaceChildren(...urls.map((src) => element("img", { src, alt })));
  if (!byId("zoom").open) byId("zoom").showModal();
}

export function showOnly(id) {
  for (const one of ["welcome", "work", "end"]) byId(one).hidden = one !== id;
  byId("bar").hidden = id === "welcome";
  document.body.dataset.view = id;
}

export function showProgress(done, left, seconds) {
  byId("meter").max = Math.max(1, done + left);
  byId("meter").value = done;
  const time = seconds && left ? ` · ${timeLeft(left * seconds)}` : "";
  byId("count").textContent = `${done} of ${done + left}${time}`;
}

export function timeLeft(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "under a minute left";
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

let toastTimer = 0;
export function toast(text) {
  byId("toast").textContent = text;
  byId("toast").classList.add("shown");
  byId("said").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => byId("toast").classList.remove("shown"), 2500);
}
