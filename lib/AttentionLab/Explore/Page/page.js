// The page: where pictures come from, what is common to all networks, and what leaves the page.

import { choice, element, slider } from './controls.js';
import { fill, percentText } from './maps.js';
import { NetworkView } from './network-view.js';
import { askJson, askLines, speak } from './server.js';

const $ = id => document.getElementById(id);
const start = await askJson('start');
const language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
const words = start.words[language];
speak(words);
const methods = [...new Set(start.networks.flatMap(network => network.methods))];
const choices = { left: methods.includes('grad-cam') ? 'grad-cam' : methods[0], right: '' };
const views = start.networks.map((about, i) => new NetworkView(i, about, { words, colors: start.colors, choices }));
let picture = null, mask = null, hiding = null;

// --- Words and layout.

document.documentElement.lang = language;
document.title = words.title;
for (const each of document.querySelectorAll('[data-word]')) each.textContent = words[each.dataset.word];
$('language').textContent = language === 'zh' ? 'English' : '中文';
$('language').lang = language === 'zh' ? 'en' : 'zh';
$('language').addEventListener('click', () => {
  localStorage.setItem('language', language === 'zh' ? 'en' : 'zh');
  location.reload();
});
$('networks').append(...views.map(view => view.element));
const named = methods.map(name => [name, name]);
const left = choice(words.left, 'left', named, value => changeMethod({ left: value }));
left.fill(named, choices.left);
const divider = slider(words.divider, 'divider', [0, 100, 1], 50, value => `${value} %`,
  value => views.forEach(view => view.viewer.divide(value / 100)));
divider.hidden = true;
for (const view of views) {
  view.viewer.divided = share => {
    divider.querySelector('input').value = 100 * share;
    divider.querySelector('output').textContent = `${Math.round(100 * share)} %`;
  };
}
$('controls').prepend(
  left,
  choice(words.right, 'right', [['', words.none], ...named], value => changeMethod({ right: value })),
  divider,
  slider(words.opacity, 'opacity', [0, 100, 1], 50, value => `${value} %`,
    value => views.forEach(view => { view.viewer.opacity = value / 100; view.viewer.draw(); })),
  choice(words.colors, 'colors', Object.keys(start.colors).map(name => [name, name]),
    name => views.forEach(view => { view.viewer.color = name; view.viewer.draw(); })));

function changeMethod(change) {
  Object.assign(choices, change);
  divider.hidden = choices.right === '';
  if (picture) views.forEach(view => view.explain());
}

function say(text, isError = false) {
  $('message').textContent = text;
  $('message').classList.toggle('error', isError);
}

/** Does something and says what went wrong; the page stays as it is. */
async function attempt(action) {
  say('');
  try {
    await action();
  } catch (error) {
    if (error.name !== 'AbortError') say(error.message, true);
  }
}

// --- Pictures.

async function show(asked) {
  picture = await asked;
  document.body.classList.add('has-picture');
  mask = null;
  $('unhide').hidden = true;
  await Promise.all(views.map(view => view.show(picture)));
}

function upload(file) {
  return attempt(() => {
    if (file.size > start.mostBytes) throw new Error(fill(words.tooLarge, Math.round(start.mostBytes / 1e6)));
    return show(askJson('pictures', {
      method: 'POST', body: file, headers: { 'X-Name': encodeURIComponent(file.name ?? '') },
    }));
  });
}

$('file').addEventListener('change', event => event.target.files[0] && upload(event.target.files[0]));
document.addEventListener('dragover', event => { event.preventDefault(); document.body.classList.add('dropping'); });
document.addEventListener('dragleave', () => document.body.classList.remove('dropping'));
document.addEventListener('drop', event => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  if (event.dataTransfer.files[0]) upload(event.dataTransfer.files[0]);
});
document.addEventListener('paste', event => {
  if (event.clipboardData.files[0]) upload(event.clipboardData.files[0]);
});

$('set').hidden = !start.set;
$('mistakes').hidden = !start.set?.hasClasses;
if (start.set) {
  const index = $('index');
  $('set-name').textContent = start.set.name;
  index.max = start.set.count - 1;
  const take = () => attempt(() => show(askJson(`set/${Math.trunc(Number(index.value))}`)));
  index.addEventListener('change', take);
  $('random').addEventListener('click', () => {
    index.value = Math.floor(Math.random() * start.set.count);
    take();
  });
  take();
}

$('camera').addEventListener('click', () => attempt(async () => {
  const video = $('video');
  if (!video.srcObject) {
    if (!navigator.mediaDevices) throw new Error(words.noCamera);
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true }).catch(() => { throw new Error(words.noCamera); });
    video.hidden = false;
    await video.play();
    $('camera').textContent = words.capture;
    return;
  }
  const canvas = element('canvas', { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d').drawImage(video, 0, 0);
  video.srcObject.getTracks().forEach(track => track.stop());
  video.srcObject = null;
  video.hidden = true;
  $('camera').textContent = words.camera;
  const blob = await new Promise(done => canvas.toBlob(done, 'image/png'));
  await upload(new File([blob], 'camera.png'));
}));

// --- Brushing a region away.

const brushing = () => $('brush').getAttribute('aria-pressed') === 'true';
$('brush').addEventListener('click', () => {
  $('brush').setAttribute('aria-pressed', String(!brushing()));
  document.body.classList.toggle('brushing', brushing());
});
$('unhide').addEventListener('click', () => picture && attempt(async () => {
  mask = null;
  $('unhide').hidden = true;
  for (const view of views) {
    await view.viewer.show(picture);
    view.showHidden({ probabilities: view.first });
  }
}));
for (const view of views) {
  const divide = view.viewer.drag;
  view.viewer.drag = ([x, y]) => brushing() ? brush(x, y) : divide([x, y]);
  view.viewer.canvas.addEventListener('pointerup', () => brushing() && mask && predictHidden());
  view.viewer.canvas.addEventListener('keydown', event => {
    if (!brushing() || event.key !== ' ' || !view.viewer.at) return;
    event.preventDefault();
    const [row, column] = view.viewer.at;
    brush((column + 0.5) / picture.width, (row + 0.5) / picture.height);
    predictHidden();
  });
}

function brush(x, y) {
  const { width, height } = picture, radius = Number($('size').value) / 100 * Math.max(width, height);
  mask ??= new Uint8Array(width * height);
  $('unhide').hidden = false;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (Math.hypot(column + 0.5 - x * width, row + 0.5 - y * height) > radius) continue;
      mask[row * width + column] = 1;
      views.forEach((view, i) => view.viewer.pixels.data.set(start.networks[i].hidden, 4 * (row * width + column)));
    }
  }
  views.forEach(view => view.viewer.draw());
}

function predictHidden() {
  return attempt(async () => {
    hiding?.abort();
    hiding = new AbortController();
    const { answers } = await askJson(`pictures/${picture.id}/hidden`, { method: 'POST', body: mask, signal: hiding.signal });
    views.forEach((view, i) => view.showHidden(answers[i]));
  });
}

// --- The worst mistakes.

let looking = null;
const whose = choice(words.network, 'whose', start.networks.map((about, i) => [String(i), about.name]), () => looking?.abort());
whose.hidden = start.networks.length < 2;
$('whose').append(whose);
$('find').addEventListener('click', () => attempt(async () => {
  if (looking) return looking.abort();
  const { signal } = looking = new AbortController();
  $('gallery').replaceChildren();
  $('find').textContent = words.stop;
  try {
    for await (const line of askLines(`mistakes?network=${whose.querySelector('select').value}`, signal)) {
      if ('progress' in line) $('found').textContent = percentText(line.progress);
      else if ('looked' in line) $('found').textContent = fill(words.found, line.wrong, line.looked);
      else $('gallery').append(mistake(line));
    }
  } finally {
    if (signal.aborted) $('found').textContent = '';
    $('find').textContent = words.find;
    looking = null;
  }
}));

function mistake(line) {
  const text = `${fill(words.true, line.true)} · ${line.said} ${percentText(line.probability)}`;
  return element('button', {
    type: 'button', class: 'mistake', click: () => {
      $('index').value = line.index;
      attempt(() => show(askJson(`set/${line.index}`)));
      scrollTo({ top: 0 });
    },
  }, element('img', { src: line.address, alt: '' }), element('img', { src: line.mapped, alt: '' }), element('span', {}, text));
}

// --- What leaves the page.

function save(blob, name) {
  const link = element('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

$('save').addEventListener('click', () => picture && attempt(async () => {
  const scale = Math.max(1, Math.floor(512 / Math.max(picture.width, picture.height))), line = 20;
  const [width, height] = [picture.width * scale, picture.height * scale];
  const canvas = element('canvas', { width: width * views.length, height: height + 2 * line + 8 }), context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#000';
  context.font = '14px system-ui, sans-serif';
  context.imageSmoothingEnabled = false;
  views.forEach((view, i) => {
    const words = [`${view.about.name} · ${view.says.textContent}`, view.maps.map(map => `${map.name}: ${map.about}`).join(' | ')];
    context.drawImage(view.viewer.canvas, i * width, 0, width, height);
    words.forEach((text, n) => context.fillText(text, i * width + 4, height + (n + 1) * line, width - 8));
  });
  save(await new Promise(done => canvas.toBlob(done, 'image/png')), 'view.png');
}));
$('save-explanation').addEventListener('click', () => picture && attempt(async () => {
  for (const view of views) save(await view.file(), views.length > 1 ? `explanation ${view.about.name}.safetensors` : 'explanation.safetensors');
}));
$('copy').addEventListener('click', () => picture && attempt(async () => {
  await navigator.clipboard.writeText(views[0].cell());
  say(words.copied);
}));
addEventListener('pagehide', () => { views.forEach(view => view.stop()); looking?.abort(); });
