"use strict";
// GraphiQL under a bar that says who asks. Tokens stay in this script's memory: not in the address, not in storage.

(async () => {
  const at = (id) => document.getElementById(id);
  const { createElement, useEffect } = React;
  const { useEditorContext, useExecutionContext } = GraphiQL.React;
  const ONLY_QUERIES = "Only queries are asked as two people: what changes data runs once, when you press the button, " +
    "and its answer shows when you stop comparing.";
  let demo = { people: [] };
  let rerun = () => false; // whether the editor's query runs now
  let asked = 0;

  async function readPeople() {
    const response = await fetch("/demo/people.json", { cache: "no-store" });
    if (!response.ok) throw new Error(await response.text());
    demo = await response.json();
    if (demo.people.length === 0) throw new Error("The demo network has no people.");
  }

  const person = (select) => demo.people.find(({ email }) => email === select.value) ?? demo.people[0];

  async function ask(select, request) {
    const send = () => fetch(demo.endpoint, {
      method: "POST",
      credentials: "omit",
      headers: {
        Accept: "application/graphql-response+json, application/json",
        Authorization: `Bearer ${person(select).token}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(request),
    });
    let response = await send();
    if (response.status === 401) { // the token has run out while the page was open
      await readPeople();
      response = await send();
    }
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      return { errors: [{ message: `HTTP ${response.status}: ${text.slice(0, 500)}` }] };
    }
  }

  // Nothing that changes data runs by itself or twice.
  const onlyReads = (document) =>
    document?.definitions.every((part) => part.kind !== "OperationDefinition" || part.operation === "query") ?? false;

  function parsed(text) {
    try {
      return GraphiQL.GraphQL.parse(text);
    } catch {
      return undefined;
    }
  }

  async function compare(request, document, answering) {
    const [left, right] = [at("caller"), at("other")];
    const mine = ++asked;
    if (!onlyReads(document)) { // pressed by hand: sent once, by the caller on the left
      at("answers").textContent = ONLY_QUERIES;
      return;
    }
    const people = [person(left), person(right)];
    const answers = await Promise.all([answering, ask(right, request)]);
    if (mine !== asked) return; // asked anew in the meantime
    showAnswers(at("answers"), { person: people[0], answer: answers[0] }, { person: people[1], answer: answers[1] });
  }

  // A new function for each caller: GraphiQL reads the schema anew when its fetcher changes.
  const makeFetcher = () => (request, options) => {
    const answering = ask(at("caller"), request);
    const introspecting = request.operationName === "IntrospectionQuery";
    if (!at("answers").hidden && !introspecting) {
      compare(request, options?.documentAST, answering).catch(say);
    }
    return answering;
  };

  // Runs the editor's query when another person asks.
  function Rerun({ email }) {
    const { queryEditor, responseEditor } = useEditorContext();
    const { run } = useExecutionContext();
    rerun = () => {
      const may = Boolean(queryEditor && responseEditor) && onlyReads(parsed(queryEditor.getValue()));
      if (may) run();
      return may;
    };
    useEffect(() => void rerun(), [email, queryEditor, responseEditor]);
    return null;
  }

  function say(problem) {
    at("problem").textContent = problem.message;
    at("problem").hidden = false;
  }

  try {
    await readPeople();
  } catch (problem) {
    say(problem);
    return;
  }
  for (const select of [at("caller"), at("other")]) {
    select.replaceChildren(...demo.people.map(({ name, company, email }) =>
      new Option(`${name}, ${company} (${email})`, email)));
  }
  const elsewhere = demo.people.findIndex(({ company }) => company !== demo.people[0].company);
  at("other").selectedIndex = Math.max(elsewhere, 0);

  const root = ReactDOM.createRoot(at("graphiql"));
  const render = () => {
    const email = at("caller").value;
    root.render(createElement(
      GraphiQL,
      {
        fetcher: makeFetcher(),
        defaultQuery: demo.firstQuery,
        isHeadersEditorEnabled: false,
        shouldPersistHeaders: false,
        showPersistHeadersSettings: false,
      },
      createElement(GraphiQL.Logo, null, " "),
      createElement(GraphiQL.Footer, null, createElement(Rerun, { email })),
    ));
  };
  render();
  at("caller").addEventListener("change", render);
  at("other").addEventListener("change", () => rerun());
  at("compare").addEventListener("click", () => {
    const comparing = at("answers").hidden;
    at("answers").hidden = at("other-label").hidden = !comparing;
    at("compare").setAttribute("aria-pressed", String(comparing));
    document.body.classList.toggle("comparing", comparing);
    if (comparing) at("answers").textContent = rerun() ? "Asking as both …" : ONLY_QUERIES;
  });
})();
