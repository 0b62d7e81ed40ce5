import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { Following } from '../api/following';
import type { ServerEvent } from '../api/sse';
import { teamApi, type Delta, type Limits, type Run, type RunResult, type Team, type TeamMessage, type WholeRun } from '../api/teams';
import { nextRoles, standing } from '../teams/order';
import { explain } from './thread.svelte';

/** One run of a team: what is on its board, who speaks now, who is next. */
export class TeamRun {
  /** The team as it was when the run began. */
  design = $state.raw<Team>() as Team;
  run = $state.raw<Run>() as Run;
  result = $state.raw<RunResult>() as RunResult;
  messages = $state.raw<readonly TeamMessage[]>([]);
  /** What went wrong with what was asked last. */
  problem = $state('');
  /** What roles are saying, by turn. */
  speaking = new SvelteMap<number, Delta>();
  readonly turns = $derived(standing(this.messages));
  readonly next = $derived(nextRoles(this.design.steps, this.turns, new SvelteSet([...this.speaking.values()].map((one) => one.place))) ?? []);
  readonly atWork = $derived(this.run.state === 'running' || this.run.state === 'waiting');
  /** What it took so far; seconds as they were when the server told them. */
  readonly spent = $derived({
    ...this.run.spent,
    turns: this.messages.filter((one) => one.by === 'model' && one.model).length,
    tokens: this.messages.reduce((sum, one) => sum + one.prompt_tokens + one.completion_tokens, 0),
  });
  private following: Following | null = null;

  constructor({ design, result, messages, ...run }: WholeRun) {
    Object.assign(this, { design, run, result, messages });
    this.follow();
  }

  /** Stop listening; the team goes on. */
  leave(): void {
    this.following?.leave();
  }

  stop(): Promise<boolean> {
    return this.changed(teamApi.stop(this.run.id));
  }

  /** Goes on behind the last turn, with other limits where some are given. */
  resume(limits: Partial<Limits> = {}): Promise<boolean> {
    return this.changed(teamApi.resume(this.run.id, limits));
  }

  say(role: string, content: string): Promise<boolean> {
    return this.changed(teamApi.say(this.run.id, role, content));
  }

  /** Takes a role, or gives it back; a run that waits for it goes on. */
  async take(role: string, person: boolean): Promise<void> {
    const waited = this.run.state === 'waiting' && this.run.waiting_for === role;
    if ((await this.changed(teamApi.take(this.run.id, role, person))) && waited && !person) await this.resume();
  }

  /** The newest version of each entry, with those before it. */
  versions(entry: string): readonly TeamMessage[] {
    return this.messages.filter((one) => one.entry === entry);
  }

  saying(entry: string): Delta | null {
    return [...this.speaking.values()].find((one) => one.entry === entry) ?? null;
  }

  private async changed(asked: Promise<Run>): Promise<boolean> {
    this.problem = '';
    try {
      this.run = await asked;
      this.follow();
      return true;
    } catch (error) {
      this.problem = explain(error);
      return false;
    }
  }

  /** Until it ends; a stream that is open already goes on by itself. */
  private follow(): void {
    if (this.following || !this.atWork) return;
    this.following = new Following({
      open: (signal) => {
        this.speaking.clear();
        return teamApi.stream(this.run.id, this.messages.at(-1)?.seq ?? 0, signal);
      },
      take: (event) => this.hear(event),
      lost: (error) => (this.problem = explain(error)),
    });
  }

  private hear({ event, data }: ServerEvent): boolean {
    const told: unknown = JSON.parse(data);
    if (event === 'run') this.run = told as Run;
    else if (event === 'delta') this.add(told as Delta);
    else if (event === 'message') this.keep(told as TeamMessage);
    else if (event === 'done') this.end(told as Run & { result: RunResult });
    return event === 'done';
  }

  private add(delta: Delta): void {
    const before = this.speaking.get(delta.turn)?.text ?? '';
    this.speaking.set(delta.turn, { ...delta, text: before + delta.text });
  }

  private keep(message: TeamMessage): void {
    for (const [turn, { place }] of this.speaking) if (place === message.place) this.speaking.delete(turn);
    this.messages = [...this.messages, message];
  }

  private end({ result, ...run }: Run & { result: RunResult }): void {
    this.following = null;
    this.speaking.clear();
    Object.assign(this, { run, result });
  }
}
