// A picture under one map, or under two with a divider between them, and the values at the pixel that is pointed at.

import { bytesOf, colorIndexes, fill, numberText, place, rangeOf } from './maps.js';
import { element } from './controls.js';

const exactSide = 96; // a small picture's pixels are shown as squares

export class Viewer {
  /** words: texts by name; colors: colour maps by name, 256×3 bytes in base64. */
  constructor(words, colors) {
    this.words = words;
    this.colors = Object.fromEntries(Object.entries(colors).map(([name, base64]) => [name, bytesOf(base64)]));
    this.color = Object.keys(colors)[0];
    this.opacity = 0.5;
    this.divider = 0.5;
    this.maps = [];
    this.canvas = element('canvas', {
      tabindex: 0, role: 'img', width: 1, height: 1,
      pointermove: event => this.#moved(event), pointerdown: event => this.#pressed(event),
      pointerleave: () => this.cross.hidden = true, keydown: event => this.#key(event), focus: () => this.#point(this.at ?? [0, 0]),
    });
    this.cross = element('div', { class: 'cross', hidden: true });
    this.line = element('div', { class: 'line', hidden: true });
    this.values = element('output', { class: 'values', 'aria-live': 'polite' }, words.point);
    this.legend = element('p', { class: 'legend' });
    this.element = element('div', { class: 'viewer' },
      element('div', { class: 'stage' }, this.canvas, this.line, this.cross), this.values, this.legend);
    this.drag = ([x]) => this.divide(x); // a page may have other uses for a pointer that is drawn along: [x, y] from 0 to 1
    this.divided = () => { };
  }

  /** Shows a picture: { address, height, width, name }. */
  async show(picture) {
    const wanted = this.wanted = picture;
    const image = new Image();
    image.src = picture.address;
    await image.decode();
    if (wanted !== this.wanted) return; // another one was chosen meanwhile
    const canvas = element('canvas', { width: picture.width, height: picture.height });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, picture.width, picture.height);
    this.pixels = context.getImageData(0, 0, picture.width, picture.height);
    this.picture = picture;
    [this.canvas.width, this.canvas.height] = [picture.width, picture.height];
    this.canvas.classList.toggle('squares', Math.max(picture.width, picture.height) <= exactSide);
    this.#place();
    this.draw();
  }

  /** Lays maps over the picture: { name, about, map } each; none, one or two. */
  lay(...maps) {
    this.maps = maps;
    this.#place();
    this.draw();
  }

  divide(share) {
    this.divider = Math.min(1, Math.max(0, share));
    this.divided(this.divider);
    this.draw();
  }

  draw() {
    if (!this.pixels) return;
    const { width, height } = this.picture, table = this.colors[this.color], opacity = this.opacity;
    const drawn = new ImageData(new Uint8ClampedArray(this.pixels.data), width, height), data = drawn.data;
    const split = this.placed?.length > 1 ? Math.round(this.divider * width) : width;
    const indexes = (this.placed ?? []).map(values => colorIndexes(values, this.color));
    for (let p = 0; p < width * height && indexes.length > 0; p++) {
      const index = indexes[p % width < split ? 0 : 1][p];
      for (let c = 0; c < 3 && index >= 0; c++) {
        data[4 * p + c] = (1 - opacity) * data[4 * p + c] + opacity * table[3 * index + c];
      }
    }
    this.canvas.getContext('2d').putImageData(drawn, 0, 0);
    this.line.hidden = indexes.length < 2;
    this.line.style.left = `${100 * this.divider}%`;
    this.#tell();
    if (this.at) this.#point(this.at, !this.cross.hidden);
  }

  #place() {
    this.placed = this.picture ? this.maps.map(each => place(each.map, this.picture.height, this.picture.width)) : null;
  }

  /** Says in words what is seen. */
  #tell() {
    const parts = this.maps.map((each, i) => {
      const { high } = rangeOf(this.placed[i]), at = this.placed[i].indexOf(high), width = this.picture.width;
      return fill(this.words.mapAlt, this.picture.name, each.name, each.about, Math.floor(at / width), at % width);
    });
    this.canvas.setAttribute('aria-label', parts.length > 0 ? parts.join('; ') : this.picture.name);
    this.legend.textContent = this.maps.map((each, i) => {
      const { low, high } = rangeOf(this.placed[i]);
      return fill(this.words.range, each.name, numberText(low), numberText(high));
    }).join(' · ');
  }

  #fractionOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  #moved(event) {
    if (!this.picture) return;
    const [x, y] = this.#fractionOf(event), { width, height } = this.picture;
    if (event.buttons === 1) this.drag([x, y]);
    this.#point([Math.min(height - 1, Math.max(0, Math.floor(y * height))), Math.min(width - 1, Math.max(0, Math.floor(x * width)))]);
  }

  #pressed(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.drag(this.#fractionOf(event));
  }

  #key(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !this.picture) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook would go to the next cell
    const [row, column] = this.at ?? [0, 0];
    this.#point([
      Math.min(this.picture.height - 1, Math.max(0, row + step[0])),
      Math.min(this.picture.width - 1, Math.max(0, column + step[1]))]);
  }

  #point([row, column], visible = true) {
    if (!this.picture || row >= this.picture.height || column >= this.picture.width) return;
    this.at = [row, column];
    const { width, height } = this.picture;
    this.cross.hidden = !visible;
    Object.assign(this.cross.style, {
      left: `${100 * column / width}%`, top: `${100 * row / height}%`, width: `${100 / width}%`, height: `${100 / height}%`,
    });
    this.values.replaceChildren(fill(this.words.at, row, column), ...this.maps.flatMap((each, i) => {
      const value = this.placed[i][row * width + column];
      const text = Number.isNaN(value) ? this.words.outside : numberText(value);
      return [' · ', element('span', { 'data-map': i, 'data-value': value }, `${each.name} ${text}`)];
    }));
  }
}
