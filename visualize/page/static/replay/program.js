// The program of a run that was executed again, as `graphlab step` has it: from line to line, and
// what the names of a line stand for at a moment.

export class Program {
  constructor(run) {
    this.run = run;
    this.quiet = new Set(run.program.quiet);
    this.recorded = run.values; // a live page has others once a number is changed
  }

  // { file, line, names, code } of the line that made the op of a step; null where none is known.
  place(s) {
    return s < 0 ? null : this.placed(this.run.program.line[s]);
  }

  placed(number) {
    if (number < 0) return null;
    const { files, lines, code } = this.run.program;
    const [file, line, names] = lines[number];
    return { file: files[file], line, names, code: code[file] };
  }

  key(s) {
    return keyOf(this.place(s));
  }

  // What comes at once after a step: whether it is quiet, and its line. Where a call begins, or a turn
  // of a loop, it is the op that calls.
  ahead(s) {
    const { calls } = this.run.program;
    return s + 1 in calls ? [false, keyOf(this.placed(calls[s + 1]))] : [this.quiet.has(s + 1), this.key(s + 1)];
  }

  framed(s) {
    return this.run.frames[this.run.frame[s]] !== "";
  }

  // From a step to where the ops of another line have run, as far as they come at once; quiet ones of
  // other lines may come between them. As `Walk.line` in graphlab/walk/motions.py.
  next(at) {
    const { node: steps } = this.run;
    const last = steps.length - 1;
    const here = this.key(at);
    const left = new Map(); // ops of each line that are still to run, outside of calls and loops
    const counts = (s) => !this.quiet.has(s) && !this.framed(s);
    for (let s = at + 1; s <= last; s++) if (counts(s)) left.set(this.key(s), (left.get(this.key(s)) || 0) + 1);
    for (let s = at + 1; s < last; s++) {
      const now = this.key(s);
      if (counts(s)) left.set(now, left.get(now) - 1);
      if (now === null || now === here || this.quiet.has(s)) continue;
      const [quiet, key] = this.ahead(s);
      if (quiet ? this.framed(s) || !left.get(now) : key !== now) return s;
    }
    return last;
  }

  // Where one stops, from the start to the end, line by line.
  get stops() {
    if (!this.all) {
      this.all = [];
      for (let s = -1; s < this.run.node.length - 1; ) this.all.push((s = this.next(s)));
    }
    return this.all;
  }

  before(at) {
    return this.stops.filter((s) => s < at).pop() ?? -1;
  }

  // What the names of a step's line are once it has run: { name, tensor, value, note }, of which the
  // value is null where there is none.
  names(s) {
    const place = this.place(s);
    return (place ? place.names : []).map(([name, variable, tensor, made]) => {
      if (variable && this.run.values !== this.recorded) return { name, tensor, value: null, note: "changed on this page" };
      if (variable) return { name, tensor, value: this.variable(variable, s), note: "not yet" };
      if (!tensor) return { name, tensor, value: null, note: "several tensors" };
      const [value, step] = this.tensor(tensor, s); // given in an earlier turn, it has no value in this
      const note = step === null ? "not yet" : `given in step ${step + 1}`;
      return value || made ? { name, tensor, value, note } : null;
    }).filter(Boolean);
  }

  variable(name, at) {
    const { state, became } = this.run.program;
    for (let s = at; s >= 0; s--) if (became[s] && name in became[s]) return became[s][name];
    return state[name] || null;
  }

  // In which frame what a step gives is: what leaves a loop is outside of it.
  gives(s) {
    const { frames, frame, ops, op } = this.run;
    const inside = frames[frame[s]];
    return /^(Ref)?Exit$/.test(ops[op[s]]) ? inside.split(" > ").slice(0, -1).join(" > ") : inside;
  }

  // What a tensor of a step's body was given last, in its own frame or one around it, and in which
  // step; a handle has no value.
  tensor(name, at) {
    const { values, fed, program } = this.run;
    const given = (s) => program.body[s] === program.body[at] && values[s] && name in values[s];
    for (let s = at; s >= 0; s--) {
      if (!given(s)) continue;
      const own = this.run.frames[this.run.frame[at]];
      const other = this.gives(s);
      const reached = own === other || !other || own.startsWith(`${other} > `);
      return [reached && !/^(resource|variant)$/.test(values[s][name].dtype) ? values[s][name] : null, s];
    }
    const frame = this.run.frames[this.run.frame[at]];
    return [(frame ? program.given[frame] && program.given[frame][name] : fed && fed[name]) || null, null];
  }
}

function keyOf(place) {
  return place && `${place.file}:${place.line}`;
}
