// Elements of the explorer's forms.

import { percentText } from './maps.js';

/** An element with attributes and children; an attribute that is a function listens to the event of its name. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'style') made.style.cssText = value; // a page's policy may forbid the attribute
    else if (typeof value === 'function') made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null));
  return made;
}

/** A list to choose from. entries: [value, text] each. */
export function choice(label, name, entries, changed) {
  const select = element('select', { name, change: () => changed(select.value) });
  const row = element('label', { class: 'row' }, element('span', {}, label), select);
  row.fill = (all, value) => {
    select.replaceChildren(...all.map(([each, text]) => element('option', { value: each }, text)));
    select.value = value;
  };
  row.fill(entries, entries[0]?.[0]);
  return row;
}

/** A slider that shows its value; write makes the text of it. */
export function slider(label, name, [low, high, step], value, write, changed) {
  const shown = element('output', {}, write(value));
  const input = element('input', {
    type: 'range', name, min: low, max: high, step, value,
    input: () => {
      shown.textContent = write(Number(input.value));
      input.setAttribute('aria-valuetext', shown.textContent);
      changed(Number(input.value));
    },
  });
  return element('label', { class: 'row' }, element('span', {}, label), input, shown);
}

/** Classes with their probabilities, as buttons: [{ index, name, probability }]. */
export function bars(classes, chosen, choose) {
  return classes.map(each => element('button', {
    type: 'button', class: 'bar', 'data-class': each.index, 'aria-pressed': String(each.index === chosen),
    style: `--share:${(100 * each.probability).toFixed(1)}%`, click: () => choose(each.index),
  }, element('span', {}, each.name), element('span', { class: 'share' }, percentText(each.probability))));
}
