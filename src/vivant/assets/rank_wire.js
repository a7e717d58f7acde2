// Questions to the server, and what this browser remembers.

const NAME = "vivant-rank-name";

export async function ask(path, parameters) {
  const answer = await fetch(`${path}?${new URLSearchParams(parameters)}`, { signal: AbortSignal.timeout(20000) });
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  const problem = new Error(typeof said.detail === "string" ? said.detail : "The server could not answer.");
  problem.status = answer.status;
  throw problem;
}

// crypto.randomUUID exists on https and localhost only; raters come over plain http too.
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function rememberedName() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // no storage: the name is asked for
  }
}

export function rememberName(name) {
  try {
    if (name) localStorage.setItem(NAME, name);
    else localStorage.removeItem(NAME);
  } catch {
    // the name is asked for again next time
  }
}
