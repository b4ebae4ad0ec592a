/** The way to koubai: requests are numbered, answers find theirs, a lost connection is made anew. */

import { decoded, type Answer, type Request } from './wire';

type Omitted<R> = R extends Request ? Omit<R, 'number'> : never;
/** A request as the page makes it; its number comes on the way. */
export type Wish = Omitted<Request>;

/** What is first answered to each request. */
export interface Answers {
  set_slope: 'slope';
  set_neuron: 'neuron';
  around: 'around';
  set_network: 'network';
  restore: 'network';
  advance: 'frame';
  back: 'frame';
  rewind: 'frame';
  run: 'frame';
  set_stops: 'frame';
  change: 'frame';
  edit: 'frame';
  look: 'looked';
  explain: 'explained';
  regions: 'regions';
  landscape: 'valley';
  take_away: 'file';
}
export type AnswerTo<W extends Wish> = W['type'] extends keyof Answers
  ? Extract<Answer, { type: Answers[W['type']] }>
  : never;

/** Lost it is silent after some trials: perhaps there is no server any more. */
export type Status = 'connecting' | 'open' | 'lost' | 'silent' | 'ended';
/** Why the server has ended a connection for good. */
export type End = 'nonsense' | 'over' | 'taken_over' | 'too_many';

/** Of a browser's WebSocket what is used: a test brings its own. */
export interface Socket {
  binaryType: BinaryType;
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent<ArrayBuffer>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send: (text: string) => void;
}

interface Pending {
  wish: Wish;
  sent: boolean;
  settle: (answer: Answer | null) => void;
}

export interface Listener {
  /** Every answer, also those that were not asked for. */
  heard: (answer: Answer) => void;
  /** end: of a connection that does not come again. */
  became: (status: Status, end: End | null) => void;
}

// Doing these twice would change more than was asked for: after a loss the page is told where it is.
const ONCE: ReadonlySet<string> = new Set(['advance', 'back', 'rewind', 'run', 'change', 'edit']);
// The server's own ends, after which the same address would be refused again, or take over.
const ENDS: Readonly<Record<number, End>> = {
  1008: 'nonsense', 1012: 'over', 4001: 'taken_over', 4002: 'too_many',
}; // prettier-ignore
// What was too large once will be again.
const TOO_LARGE = 1009;
const OPEN = 1;
const PATIENT = 4;
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;

export class Connection {
  private socket: Socket | null = null;
  private status: Status = 'connecting';
  private next = 1;
  private failures = 0;
  private readonly pending = new Map<number, Pending>();
  private readonly open: () => Socket;
  private readonly listener: Listener;

  constructor(open: () => Socket, listener: Listener) {
    this.open = open;
    this.listener = listener;
    this.connect();
  }

  /** The first answer, a refusal as well; null where the connection was lost meanwhile. */
  ask(wish: Wish): Promise<Answer | null> {
    return new Promise((settle) => {
      if (this.status === 'ended') {
        settle(null);
        return;
      }
      const number = this.next++;
      this.pending.set(number, { wish, sent: false, settle });
      this.flush();
    });
  }

  /** Says something that is not answered. */
  tell(wish: Wish): void {
    if (this.isOpen) this.send(this.next++, wish);
  }

  private connect(): void {
    const socket = this.open();
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.failures = 0;
      this.become('open');
      this.flush();
    };
    socket.onmessage = ({ data }) => this.hear(decoded(data));
    socket.onclose = (event) => this.lose(event);
  }

  private hear(answer: Answer): void {
    const pending = answer.number === null ? undefined : this.pending.get(answer.number);
    if (pending && answer.number !== null) this.pending.delete(answer.number);
    this.listener.heard(answer);
    pending?.settle(answer);
  }

  private lose({ code }: CloseEvent): void {
    this.socket = null;
    for (const [number, { wish, sent, settle }] of this.pending) {
      if (!sent) continue;
      if (ONCE.has(wish.type) || code === TOO_LARGE) {
        this.pending.delete(number);
        settle(null);
      } else this.pending.set(number, { wish, sent: false, settle });
    }
    const end = ENDS[code];
    if (end) {
      this.become('ended', end);
      for (const { settle } of this.pending.values()) settle(null);
      this.pending.clear();
      return;
    }
    this.become(this.failures < PATIENT ? 'lost' : 'silent');
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures++);
    setTimeout(() => this.connect(), wait);
  }

  private become(status: Status, end: End | null = null): void {
    this.status = status;
    this.listener.became(status, end);
  }

  /** What is sent while a connection closes would be lost without a word. */
  private get isOpen(): boolean {
    return this.status === 'open' && this.socket?.readyState === OPEN;
  }

  private flush(): void {
    if (!this.isOpen) return;
    for (const [number, pending] of this.pending) {
      if (pending.sent) continue;
      pending.sent = true;
      this.send(number, pending.wish);
    }
  }

  private send(number: number, wish: Wish): void {
    this.socket?.send(JSON.stringify({ ...wish, number }));
  }
}

const SESSION = 'koubai-session';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 24;

/** A socket to the session that this tab of the browser has, to be opened as often as need be. */
export function socketOf(place: Location, kept: Storage): () => Socket {
  const token = new URLSearchParams(place.search).get('token') ?? '';
  const session = kept.getItem(SESSION) ?? newName();
  kept.setItem(SESSION, session);
  const query = new URLSearchParams({ token, session });
  return () => new WebSocket(`ws://${place.host}/session?${query}`) as Socket;
}

function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('');
}
