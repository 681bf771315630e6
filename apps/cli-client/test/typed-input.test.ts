import { expect, test } from 'vitest';
import type { TerminalListener } from '../src/interactive/terminal.ts';
import { TerminalInterface } from '../src/interactive/terminal-interface.ts';
import { ASCII_GLYPHS } from '../src/view/glyphs.ts';
import { VirtualScreen } from './support/virtual-screen.ts';

function sitDown() {
  let listener: TerminalListener | undefined;
  const terminal = {
    open: (opened: TerminalListener) => {
      listener = opened;
    },
    suspend: () => {},
    clear: () => {},
    close: () => {},
  };
  const renderer = new VirtualScreen().renderer({ isImmediate: true });
  const ui = new TerminalInterface({ terminal, renderer, glyphs: ASCII_GLYPHS, onInterrupt: () => {} });
  return { ui, type: (text: string) => listener?.onInput(text) };
}

test('what is being typed is kept, and what was entered', async () => {
  const { ui, type } = sitDown();
  const line = ui.readLine({ prompt: '> ' });
  type('entered\rhalf a line');
  expect(await line).toBe('entered');
  expect(ui.typedInput).toEqual({ history: ['entered'], drafts: { '': 'half a line' } });
});

test('a password is never kept', async () => {
  const { ui, type } = sitDown();
  const line = ui.readLine({ prompt: 'password: ', isSecret: true, isRemembered: false });
  type('hunter2');
  expect(ui.typedInput).toEqual({ history: [], drafts: {} });
  type('\r');
  expect(await line).toBe('hunter2');
  expect(ui.typedInput).toEqual({ history: [], drafts: {} });
});
