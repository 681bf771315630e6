import { expect, test } from 'vitest';
import { LineEditor } from '../src/input/line-editor.ts';

/** Presses keys (`ctrl-r`) and types everything else; gives what is typed, with the cursor as a bar. */
function typed(editor: LineEditor, ...inputs: readonly string[]): string {
  for (const input of inputs) {
    const [, ctrl, name] = /^(ctrl-)?([a-z]|backspace|escape|left|enter)$/.exec(input) ?? [];
    if (name !== undefined && (ctrl !== undefined || name.length > 1)) {
      editor.handleKey({ type: 'key', name, ctrl: ctrl !== undefined, alt: false });
    } else editor.handleKey({ type: 'text', text: input });
  }
  return `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`;
}

function withHistory(): LineEditor {
  const editor = new LineEditor();
  for (const line of ['/join den', 'good morning', '/get big.bin', 'good night', 'good night']) {
    editor.history.add(line);
  }
  return editor;
}

test('Ctrl-R finds what was entered last with what is typed, and what was before', () => {
  const editor = withHistory();
  expect(typed(editor, 'draft', 'ctrl-r', 'GOO')).toBe('goo|d night');
  expect(typed(editor, 'ctrl-r')).toBe('goo|d morning');
  expect(typed(editor, 'ctrl-s')).toBe('goo|d night');
  expect(typed(editor, 'd m')).toBe('good m|orning');
  expect(editor.search).toMatchObject({ query: 'GOOd m', isFailing: false });
});

test('what was found stays when nothing older has it, and a letter less searches anew', () => {
  const editor = withHistory();
  expect(typed(editor, 'ctrl-r', 'bigx')).toBe('|');
  expect(editor.search?.isFailing).toBe(true);
  expect(typed(editor, 'backspace')).toBe('/get big|.bin');
  expect(editor.search?.isFailing).toBe(false);
  expect(typed(editor, 'ctrl-r')).toBe('/get big|.bin');
  expect(editor.search?.isFailing).toBe(true);
});

test('Escape takes what was found to be edited, and so does any other key', () => {
  const editor = withHistory();
  expect(typed(editor, 'ctrl-r', 'den', 'escape')).toBe('/join den|');
  expect(editor.search).toBeUndefined();
  expect(typed(editor, 'ctrl-r', 'get', 'left')).toBe('/ge|t big.bin');
});

test.each(['ctrl-g', 'ctrl-c'])('%s brings back what was typed before', (key) => {
  const editor = withHistory();
  expect(typed(editor, 'half a line', 'left', 'ctrl-r', 'get', key)).toBe('half a lin|e');
  expect(editor.search).toBeUndefined();
});

test('Enter says what was found', () => {
  const editor = withHistory();
  typed(editor, 'ctrl-r', 'den');
  expect(editor.handleKey({ type: 'key', name: 'enter', ctrl: false, alt: false })).toEqual({
    type: 'submit',
    text: '/join den',
  });
  expect(editor.search).toBeUndefined();
});
