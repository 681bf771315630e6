import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Den } from './support/den.ts';
import { HAS_SSH_SERVER, SshServer } from './support/ssh-server.ts';

describe.skipIf(!HAS_SSH_SERVER)('over ssh', () => {
  let den: Den;
  let ssh: SshServer;

  beforeAll(async () => {
    den = await Den.open();
    ssh = await SshServer.open();
  });

  afterAll(async () => {
    await ssh?.close();
    await den?.close();
  });

  /** The client on the other side, with an environment of its own as a login there has it. */
  function remote(nickname: string, environment = ''): string {
    const variables = Object.entries(den.environment).map(([name, value]) => `${name}=${value}`);
    return `env ${variables.join(' ')} ${environment} ${den.clientCommand(nickname)}`;
  }

  test.each(['xterm-256color', 'linux', 'tmux-256color'])(
    'TERM=%s has a full screen that follows the size, and leaves the terminal clean',
    async (term) => {
      const shell = await den.shell();
      shell.enter(`TERM=${term} ${ssh.command(remote(term))}`);
      await shell.sees(`you are ${term}`);
      expect(shell.flag('alternate_on')).toBe('1');
      shell.resize(110, 30);
      await shell.sees(/[│|]1 here/);
      shell.enter('typed far away: 日本語');
      await shell.sees(/[│|] typed far away: 日本語/);
      shell.press('C-c', 'C-c');
      const after = await shell.sees(/shell: *\n*$/);
      expect(shell.flag('alternate_on')).toBe('0');
      expect(shell.flag('cursor_flag')).toBe('1');
      expect(after).not.toContain('typed far away');
    },
  );

  test('TERM=dumb has plain lines', async () => {
    const shell = await den.shell();
    shell.enter(`TERM=dumb ${ssh.command(remote('plain'))}`);
    await shell.sees(/\d\d:\d\d . you are plain/);
    expect(shell.flag('alternate_on')).toBe('0');
    shell.enter('/quit');
    await shell.sees(/shell: *\n*$/);
  });

  test('in a tmux over there', async () => {
    const shell = await den.shell();
    const inner = `tmux -u -L parley-inner-${process.pid} -f /dev/null new-session "${remote('nested')}"`;
    shell.enter(`TERM=xterm-256color ${ssh.command(inner)}`);
    await shell.sees('you are nested');
    shell.enter('a tmux in a tmux');
    await shell.sees('nested │ a tmux in a tmux');
    shell.enter('/quit');
    await shell.sees(/shell: *\n*$/);
    expect(shell.flag('alternate_on')).toBe('0');
  });

  test('a connection that breaks ends the client there, and its draft is kept', async () => {
    const shell = await den.shell();
    shell.enter(`TERM=xterm-256color ${ssh.command(remote('broken'))}`);
    await shell.sees('you are broken');
    const other = await den.sit('watcher');
    shell.type('half a thought');
    await shell.sees('> half a thought');
    // The escape of ssh: a line break, a tilde, a full stop.
    shell.press('M-Enter');
    shell.press('C-u');
    other.enter('still here?');
    await shell.sees('still here?');
    den.tmux.run('kill-session', '-t', shell.name);
    await other.sees(/broken left|broken lost the connection/);
    const again = await den.sit('broken');
    await again.sees('> half a thought');
    for (const pane of [other, again]) pane.press('C-u');
    for (const pane of [other, again]) pane.enter('/quit');
  });
});
