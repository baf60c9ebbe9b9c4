// What a part asks; what came out when the page was made is folded, so that one predicts first.

import { el } from "../dom.js";

export function quiz(asked, inline) {
  if (!asked.length) return null;
  return el("div", { class: "quiz" }, el("h3", {}, "questions"), asked.map((question) => el("div", { class: "question" },
    el("p", { class: "prose" }, inline(question.text)),
    question.choices.length ? el("ol", { class: "prose" }, question.choices.map((choice) => el("li", {}, inline(choice)))) : null,
    el("details", { class: "folded" }, el("summary", {}, "What came out"),
      question.error ? el("p", { class: "bad" }, question.error) : el("p", { class: "prose" }, el("strong", {}, inline(question.answer)), ". ", inline(question.why))))));
}
