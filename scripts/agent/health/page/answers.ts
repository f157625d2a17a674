import { html, type Html, type Part } from "./html";
import { type Look, shape, words } from "./states";

/** One of the three questions that matter at night, with its answer. */
export interface Answer {
  question: string;
  look: Look;
  /** In a word or a figure. */
  short: string;
  /** One sentence. */
  sentence: Part;
  /** Where else it comes from: what, and how it is there. */
  lines: Line[];
}

export interface Line {
  what: string;
  how: string;
  look: Look;
}

export function answersPart(answers: readonly Answer[]): Html {
  return html`<section class="answers" aria-label="What a loss would cost">
    ${answers.map(answer)}
  </section>`;
}

function answer({ question, look, short, sentence, lines }: Answer): Html {
  return html`<div class="answer">
    <h2>${question}</h2>
    <p class="short ${look}">${short}</p>
    <p>${sentence}</p>
    ${lines.length > 0 && html`<dl>${lines.map(line)}</dl>`}
  </div>`;
}

function line({ what, how, look }: Line): Html {
  const bad = look !== "good" && look !== "none";
  return html`<div>
    <dt>${what}</dt>
    <dd>
      ${bad && [shape(look), " "]}${how}${bad && html`<span class="hidden"> (${words[look]})</span>`}
    </dd>
  </div>`;
}
