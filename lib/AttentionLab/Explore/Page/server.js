// What the page asks of the server. Errors are sentences for the reader.

let hasEnded = 'The program explore has ended: start it again, and open its new address.';

/** Errors are in the language of these words from now on. */
export function speak(words) {
  hasEnded = words.hasEnded;
}

export async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Error(hasEnded);
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `${response.status} ${response.statusText}`);
}

export async function askJson(path, options) {
  return (await ask(path, options)).json();
}

/** An answer in lines of JSON, each as it comes; an error among them is thrown. */
export async function* askLines(path, signal) {
  const { body } = await ask(path, { signal }), decoder = new TextDecoder();
  let text = '';
  for (const reader = body.getReader(); ;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    for (let end; (end = text.indexOf('\n')) >= 0; text = text.slice(end + 1)) {
      const line = JSON.parse(text.slice(0, end));
      if (line.error) throw new Error(line.error);
      yield line;
    }
    if (done) return;
  }
}
