import {
  ClientError,
  type Credential,
  formatAddress,
  isTransferOver,
  type ParleyClient,
  type SessionEnd,
  SessionEndedError,
} from '@parley/client-core';
import { parseAddress, type ServerAddress } from '../address.ts';
import { completeLine } from '../commands/completion.ts';
import { type ParsedLine, parseLine } from '../commands/parse-command.ts';
import { endWords } from '../end-words.ts';
import { EXIT_CODES, exitCodeOfEnd, exitCodeOfError } from '../exit-codes.ts';
import type { StateKeeper } from '../profile/kept-state.ts';
import { type KeyRing, LoginKeyError } from '../trust/login-keys.ts';
import { RouteNews } from '../view/route-news.ts';
import { createCandidates } from './candidates.ts';
import { CHAT_COMMANDS } from './chat-commands.ts';
import type { ChatContext } from './chat-context.ts';
import { comeIn, withPatience } from './come-in.ts';
import { refreshFiles } from './file-list.ts';
import { countMissed } from './missed-messages.ts';
import { keepPages } from './page-keeper.ts';
import { PlaceTracker } from './place-tracker.ts';
import { presentNotification, revised } from './present.ts';
import { RoomProgressLines } from './room-progress.ts';
import { sayPatiently } from './say-patiently.ts';
import { waitingWords } from './send-commands.ts';
import { UnsentLines } from './unsent-lines.ts';
import type { UserInterface } from './user-interface.ts';

/** What a conversation needs. */
export interface ConversationOptions {
  readonly ui: UserInterface;
  /** Asked for when it is missing. */
  readonly address: ServerAddress | undefined;
  /** Asked for when it is missing, refused or taken. */
  readonly nickname: string | undefined;
  /** Shows whose account it is, where that is known; asked for when it is wanted. */
  readonly credential?: Credential | undefined;
  readonly keyRing: KeyRing;
  /** A person answers at the other end of `ui`; a script is not asked, it fails. */
  readonly hasPerson: boolean;
  /** The room to begin in, if not the server's first one. */
  readonly room?: string | undefined;
  /** Keeps what is typed at a server as a user. */
  readonly openState?: (server: string, nickname: string, onProblem: (words: string) => void) => StateKeeper;
  /** What the user was asked for and answered; gives words about what became of it. */
  readonly rememberProfile?: (server: string, nickname: string) => string | undefined;
  readonly createClient: (address: ServerAddress) => ParleyClient;
  /** Keeps a server that the user has accepted; gives the problem when that will be forgotten. */
  readonly rememberServer: (server: string, fingerprint: string) => string | undefined;
  /** Aborted when the user or the system wants the program to end. */
  readonly signal: AbortSignal;
}

/** How a conversation ended. */
export interface ConversationResult {
  readonly exitCode: number;
  /** For stderr, when it did not end well. */
  readonly problem: string | undefined;
}

const LEFT: ConversationResult = { exitCode: EXIT_CODES.success, problem: undefined };

/** Talks with a server until the user leaves or the connection ends. The interface is closed by the caller. */
export async function converse(options: ConversationOptions): Promise<ConversationResult> {
  const { ui, signal } = options;
  signal.addEventListener('abort', () => ui.stopReading());
  const connected = await findServer(options);
  if (!('client' in connected)) return connected;
  const { client, place, server } = connected;
  const { keyRing, credential } = options;
  const findKey = () => keyRing.find(server);
  client.on('closed', () => ui.stopReading());
  const refusal = await comeIn(client, { ...options, credential, findKey });
  const reason = client.nickname === undefined ? '' : await talk(client, options, place, server);
  await client.leave(reason);
  if (refusal) return { exitCode: exitCodeOfError(refusal), problem: refusal.message };
  const { end } = client;
  if (!end || end.kind === 'left') return LEFT;
  return { exitCode: exitCodeOfEnd(end), problem: endWords(end) };
}

/** Connects; an address that was typed at the prompt may be corrected there. */
async function findServer(
  options: ConversationOptions,
): Promise<
  | ConversationResult
  | { readonly client: ParleyClient; readonly place: PlaceTracker; readonly server: string }
> {
  const { ui, signal } = options;
  let accepted: ServerAddress | undefined;
  for (;;) {
    const address: ServerAddress | undefined = options.address ?? accepted ?? (await askAddress(ui));
    accepted = undefined;
    if (!address) return LEFT;
    const client = options.createClient(address);
    const stop = () => client.abandon();
    signal.addEventListener('abort', stop);
    const onRoles = ui.workspace && (() => ui.placeChanged());
    const place = new PlaceTracker(client, formatAddress(address), new UnsentLines(), onRoles);
    watch(client, ui, place);
    try {
      await client.connect();
      return { client, place, server: formatAddress(address) };
    } catch (error) {
      if (!(error instanceof SessionEndedError)) throw error;
      if (signal.aborted) return { exitCode: EXIT_CODES.interrupted, problem: 'interrupted' };
      if (await acceptServer(error.end, formatAddress(address), options)) {
        accepted = address;
        continue;
      }
      if (options.address) return { exitCode: exitCodeOfEnd(error.end), problem: endWords(error.end) };
      ui.show({ type: 'error', text: endWords(error.end) });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** Asks a person whether a server that nobody knows is the one they meant; one that has changed is not asked about. */
// CHAT-TLS-2
async function acceptServer(
  end: SessionEnd,
  server: string,
  { ui, hasPerson, rememberServer }: ConversationOptions,
): Promise<boolean> {
  if (end.kind !== 'untrusted-server' || end.reason !== 'unknown' || !hasPerson) return false;
  const { fingerprint } = end;
  const text = `${server} is not known yet. Its fingerprint is\n${fingerprint}\nand has to be the one that whoever runs the server tells you`;
  ui.show({ type: 'notice', text });
  for (;;) {
    const line = await ui.readLine({ prompt: 'is it? (yes, no): ', isRemembered: false });
    const answer = line?.trim() ?? 'no';
    if (/^no?$/i.test(answer)) return false;
    if (/^y(es)?$/i.test(answer) || answer === fingerprint) break;
  }
  const problem = rememberServer(server, fingerprint);
  if (problem !== undefined) ui.show({ type: 'error', text: problem });
  return true;
}

async function askAddress(ui: UserInterface): Promise<ServerAddress | undefined> {
  for (;;) {
    const line = await ui.readLine({ prompt: 'server (host or host:port): ', isRemembered: false });
    if (line === undefined) return undefined;
    const address = parseAddress(line);
    if (address) return address;
    if (line.trim() !== '')
      ui.show({ type: 'error', text: `"${line.trim()}" is no address like chat.example:8255` });
  }
}

/** Shows what happens at the client. */
function watch(client: ParleyClient, ui: UserInterface, place: PlaceTracker): void {
  ui.setPlace(place.view);
  const routeNews = new RouteNews();
  const progress = new RoomProgressLines(ui, () => place.room);
  client.on('room-progress', (told) => progress.handle(told.progress));
  client.on('user-left', ({ room, nickname }) => progress.handleLeft(room, nickname));
  client.on('closed', () => progress.close());
  client.on('notification', (notification) => {
    const wasCutOff = place.isCutOff;
    const isChanged = place.handle(notification);
    // A room that was just entered has a page before anything is shown on it.
    if (isChanged) ui.placeChanged();
    if (notification.type === 'transfer-changed') {
      const { transfers } = client;
      ui.setTransfers(transfers.filter(({ state }) => !isTransferOver(state)));
      ui.workspace?.handleListed({ type: 'transfers', transfers });
      const news = routeNews.wordsOf(notification.transfer);
      if (news !== undefined) ui.show({ type: 'notice', text: news }, { room: place.room });
    }
    if (notification.type === 'files-changed') void refreshFiles(client, ui);
    if (notification.type === 'read-marker') {
      ui.workspace?.handleReadMarker(notification.room, notification.sequence);
    }
    if (notification.type === 'message-changed') {
      const { room, sequence, text } = notification;
      // Where the message itself can be changed, nothing more has to be said.
      if (ui.workspace?.handleChange(room, sequence, (entry) => revised(entry, text))) return;
    }
    // The next try is counted down in the status line: that one more was in vain is no news.
    if (ui.workspace && wasCutOff && notification.type === 'connection-lost') return;
    const shown = presentNotification(notification, {
      ownNickname: client.nickname,
      currentRoom: place.room,
      hasPages: ui.workspace !== undefined,
    });
    if (!shown) return;
    const isElsewhere = shown.room !== undefined && place.room !== undefined && shown.room !== place.room;
    if (ui.workspace || !shown.isLocal || !isElsewhere) ui.show(shown.content, shown);
  });
}

/** Takes lines until the user leaves; gives the words for the others. */
async function talk(
  client: ParleyClient,
  options: ConversationOptions,
  place: PlaceTracker,
  server: string,
): Promise<string> {
  const { ui, hasPerson, keyRing, signal } = options;
  let parting: string | undefined;
  const context: ChatContext = {
    client,
    ui,
    unsent: place.unsent,
    loginKey: {
      find: () => keyRing.find(server),
      make: () => keyRing.make(server),
      forget: () => keyRing.forget(server),
    },
    room: () => place.room,
    show: (room) => {
      place.room = room;
      ui.placeChanged();
      // A full screen shows that already.
      if (ui.workspace) return;
      const { topic = '', members = 0 } = client.room(room) ?? {};
      ui.show({ type: 'room-shown', room, topic, members });
    },
    leave: (reason) => {
      parting = reason;
    },
  };
  const candidates = createCandidates(client, () => place.room);
  const complete = (text: string, cursor: number) => completeLine(text, cursor, CHAT_COMMANDS, candidates);
  const { workspace } = ui;
  const say = hasPerson
    ? (text: string) => sayAtOnce(text, context)
    : (text: string) => sayPatiently(client, text, place.room, signal);
  const keeper = keepTyped(client, options, place);
  await goToFirstRoom(context, place, options);
  void tellWaiting(context);
  if (workspace) void countMissed(client, workspace).then(() => ui.placeChanged());
  const measure = () => place.measure();
  const stop = workspace && keepPages({ client, ui, workspace, measure, show: context.show });
  while (parting === undefined) {
    const line = await ui.readLine({ prompt: '> ', complete });
    if (line === undefined) break;
    const parsed = parseLine(line, CHAT_COMMANDS);
    const work = enter(parsed, context, say);
    // A script writes faster than anybody types: it has to wait until the server has each line.
    if (!hasPerson || (parsed.type === 'command' && parsed.definition.asks)) await work;
  }
  stop?.();
  keeper?.close();
  return parting ?? '';
}

/** What is typed survives this program, whatever ends it. */
function keepTyped(
  client: ParleyClient,
  { ui, hasPerson, openState }: ConversationOptions,
  { address, unsent }: PlaceTracker,
): StateKeeper | undefined {
  const { nickname } = client;
  if (!hasPerson || nickname === undefined) return undefined;
  const keeper = openState?.(address, nickname, (text) => ui.show({ type: 'error', text }));
  if (keeper === undefined) return undefined;
  const kept = keeper.read();
  ui.restoreInput(kept);
  unsent.restore(kept.unsent);
  const state = () => ({
    ...ui.typedInput,
    unsent: unsent.view(client, Date.now()).map(({ room, text, time }) => ({ room, text, time })),
  });
  const save = () => keeper.save(state);
  ui.onTyped(save);
  unsent.onChanged = save;
  return keeper;
}

/** Says what was sent to the user while they were away. */
async function tellWaiting({ client, ui }: ChatContext): Promise<void> {
  const words = await waitingWords(client);
  if (words !== undefined) ui.show({ type: 'notice', text: `${words}: /accept or /decline` });
}

/** Goes to the room that was asked for, and says what is kept of the first start. */
async function goToFirstRoom(
  { client, ui, show }: ChatContext,
  place: PlaceTracker,
  { room, address, nickname, rememberProfile }: ConversationOptions,
): Promise<void> {
  if (client.nickname !== undefined && (address === undefined || nickname === undefined)) {
    const words = rememberProfile?.(place.address, client.nickname);
    if (words !== undefined) ui.show({ type: 'notice', text: words });
  }
  if (room === undefined) return;
  try {
    show((await client.join(room)).room);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code !== 'connection-ended') ui.show({ type: 'error', text: `${room}: ${error.message}` });
  }
}

/** Carries out an entered line; what goes wrong is shown. */
async function enter(
  parsed: ParsedLine<ChatContext>,
  context: ChatContext,
  say: (text: string) => Promise<void>,
): Promise<void> {
  const { ui } = context;
  try {
    switch (parsed.type) {
      case 'nothing':
        break;
      case 'say':
        await say(parsed.text);
        break;
      case 'command':
        await parsed.definition.run(context, parsed.values);
        break;
      case 'mistake':
        ui.show({ type: 'error', text: parsed.problem });
        break;
    }
  } catch (error) {
    if (error instanceof LoginKeyError) ui.show({ type: 'error', text: error.message });
    else if (!(error instanceof ClientError)) throw error;
    // How the session ended is said once, at its end.
    else if (error.code !== 'connection-ended')
      ui.show({ type: 'error', text: explain(error, parsed.type === 'say') });
  }
}

/** Says what somebody typed; they decide what becomes of it when the server does not take it. */
async function sayAtOnce(text: string, { client, ui, room, unsent }: ChatContext): Promise<void> {
  const where = room();
  ui.workspace?.handleSaid();
  const said = client.say(text, where);
  // It waits now, and that is shown.
  ui.placeChanged();
  try {
    await said;
  } catch (error) {
    if (!(error instanceof ClientError) || where === undefined || !ui.workspace) throw error;
    unsent.add({ room: where, text, time: Date.now(), problem: error.message });
  } finally {
    // What the server has got is not to be said again by the next program.
    unsent.onChanged();
    ui.placeChanged();
  }
}

function explain(error: ClientError, wasSaid: boolean): string {
  return `${wasSaid ? 'not sent: ' : ''}${withPatience(error)}`;
}
