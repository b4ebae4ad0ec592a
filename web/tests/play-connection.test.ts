import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type End, type Socket, type Status } from '../src/play/connection';

/** A server's answer as bytes. */
function packed(answer: object): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(answer));
  const bytes = new Uint8Array(8 * Math.ceil((4 + text.length) / 8));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  return bytes.buffer;
}

class Fake implements Socket {
  binaryType: BinaryType = 'blob';
  readyState = 0;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  sent: { type: string; number: number }[] = [];
  send = (text: string): void => void this.sent.push(JSON.parse(text));
  open(): void {
    this.readyState = 1;
    this.onopen?.({} as Event);
  }
  answer(answer: object): void {
    this.onmessage?.({ data: packed(answer) } as MessageEvent<ArrayBuffer>);
  }
  lose(code = 1006): void {
    this.onclose?.({ code } as CloseEvent);
  }
}

describe('the connection', () => {
  const sockets: Fake[] = [];
  const became: (Status | End)[] = [];
  let connection: Connection;
  const last = () => sockets[sockets.length - 1] as Fake;

  beforeEach(() => {
    vi.useFakeTimers();
    [sockets.length, became.length] = [0, 0];
    connection = new Connection(
      () => {
        sockets.push(new Fake());
        return last();
      },
      { heard: () => undefined, became: (status, end) => became.push(end ?? status) },
    );
  });
  afterEach(() => vi.useRealTimers());

  it('numbers requests, and gives each its own answer', async () => {
    const [first, second] = [
      connection.ask({ type: 'rewind' }),
      connection.ask({ type: 'regions' }),
    ];
    expect(last().sent).toEqual([]);
    last().open();
    const [a, b] = last().sent;
    expect([a?.type, b?.type]).toEqual(['rewind', 'regions']);
    expect(a?.number).not.toBe(b?.number);
    last().answer({ type: 'regions', number: b?.number });
    last().answer({ type: 'frame', number: null });
    last().answer({ type: 'frame', number: a?.number });
    expect((await second)?.type).toBe('regions');
    expect((await first)?.type).toBe('frame');
  });

  it('asks once more after a loss, but does nothing twice', async () => {
    last().open();
    const step = connection.ask({ type: 'advance', steps: 1, unit: 'iteration' });
    const look = connection.ask({ type: 'look', example: 0, own: null });
    last().lose();
    expect(await step).toBeNull();
    expect(became).toEqual(['open', 'lost']);
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    last().open();
    expect(last().sent.map(({ type }) => type)).toEqual(['look']);
    last().answer({ type: 'looked', number: last().sent[0]?.number });
    expect((await look)?.type).toBe('looked');
  });

  it('does not ask again for what was too large', async () => {
    last().open();
    const restored = connection.ask({ type: 'restore', state: 'x'.repeat(400_000) });
    last().lose(1009);
    expect(await restored).toBeNull();
    vi.advanceTimersByTime(250);
    last().open();
    expect(last().sent).toEqual([]);
  });

  it('sends nothing while the connection closes', () => {
    last().open();
    last().readyState = 2;
    connection.tell({ type: 'seen' });
    void connection.ask({ type: 'regions' });
    expect(last().sent).toEqual([]);
    last().lose();
    vi.advanceTimersByTime(250);
    last().open();
    expect(last().sent.map(({ type }) => type)).toEqual(['regions']);
  });

  it('waits longer each time, and not for ever', () => {
    for (const wait of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
      const before = sockets.length;
      last().lose();
      vi.advanceTimersByTime(wait - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    expect(became).toEqual([...Array<Status>(4).fill('lost'), ...Array<Status>(3).fill('silent')]);
  });

  it('does not come again where the server has ended it', async () => {
    last().open();
    const asked = connection.ask({ type: 'regions' });
    last().lose(4001);
    expect(await asked).toBeNull();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(became).toEqual(['open', 'taken_over']);
    expect(await connection.ask({ type: 'regions' })).toBeNull();
  });
});
