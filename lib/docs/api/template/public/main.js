// Formulas become MathML, which needs no fonts: those of pages, which docfx has put into .math, and those of documentation
// comments, which stand between dollar signs in the text.
import './katex.min.js';

const betweenDollars = /\$([^$\s](?:[^$]*[^$\s])?)\$/;

function formula(tex, displayMode) {
  const span = document.createElement('span');
  window.katex.render(tex, span, { displayMode, output: 'mathml', throwOnError: false, strict: 'ignore' });
  return span;
}

function setMarked(element) {
  const source = element.textContent.trim(); // \(…\) or \[…\]
  element.replaceWith(formula(source.slice(2, -2), source.startsWith('\\[')));
}

function setText(text) {
  let found;
  while ((found = betweenDollars.exec(text.data))) {
    const dollars = text.splitText(found.index);
    text = dollars.splitText(found[0].length);
    dollars.replaceWith(formula(found[1], false));
  }
}

function textsOf(article) {
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest('code, pre, script, style')) texts.push(walker.currentNode);
  }
  return texts;
}

export default {
  start: () => {
    document.querySelectorAll('.math').forEach(setMarked);
    document.querySelectorAll('article').forEach((article) => textsOf(article).forEach(setText));
  },
};
