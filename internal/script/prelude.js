// The prelude makes a runtime fit for scripts, once, before any of them: it gives them the functions of the house, guards
// built-ins that could run for long without looking at the limits, and freezes everything that one run could leave behind
// for the next. Its parameters are functions of the host; scripts never see these.
(function (nativeID, nativeHost, nativeOutput, nativeNow, nativeRandom, nativeRaw, nativeClass, nativeVisit, elementsMax, textWorkMax, textEasyMax) {
  'use strict';
  const { apply, construct, ownKeys, getPrototypeOf, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { freeze, create } = Object;
  const isArray = Array.isArray;

  // own defines a property as built-ins are: writable, configurable, not enumerable.
  const own = (object, name, value) =>
    defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: false });

  // ---- What is not there ----
  for (const name of ['Atomics', 'SharedArrayBuffer', 'WeakRef', 'FinalizationRegistry', 'eval']) delete globalThis[name];
  delete Object.prototype.__proto__; // a document may have a field of that name
  for (const name of ['__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__']) delete Object.prototype[name];

  // ---- Guards ----
  // Built-ins over arrays walk holes without calling anything, so a short text could keep them busy for hours.
  const refuse = (n) => { throw new RangeError(`an array of ${n} elements is over the limit of ${elementsMax}`); };
  // The built-in reads the length again after this, so it must not be something that can answer otherwise by then.
  const checkLength = (object) => {
    if (object === null || typeof object !== 'object' && typeof object !== 'function') return;
    const kind = nativeClass(object);
    if (kind === 'proxy') throw new TypeError('built-ins over arrays take no Proxy here');
    if (kind !== 'array' && 'length' in object) {
      const d = getOwnPropertyDescriptor(object, 'length');
      if (kind !== 'typed array' && (d === undefined || typeof d.value !== 'number')) {
        throw new TypeError('built-ins over arrays take no length here but a number of the object itself');
      }
    }
    const n = object.length;
    if (n > elementsMax) refuse(n);
  };
  const guard = (proto, names, check) => {
    for (const name of names) {
      const f = proto[name];
      if (typeof f !== 'function') continue;
      own(proto, name, { [name](...args) { check(this, args); return apply(f, this, args); } }[name]);
    }
  };
  guard(Array.prototype, ['join', 'toString', 'toLocaleString', 'indexOf', 'lastIndexOf', 'includes', 'fill', 'reverse',
    'copyWithin', 'slice', 'splice', 'sort', 'shift', 'unshift', 'toReversed', 'toSorted', 'with', 'toSpliced',
    'forEach', 'map', 'filter', 'every', 'some', 'reduce', 'reduceRight', 'find', 'findIndex', 'findLast', 'findLastIndex'],
  checkLength);
  guard(Array.prototype, ['concat'], (array, args) => { checkLength(array); for (const a of args) checkLength(a); });
  guard(getPrototypeOf(Int8Array.prototype), ['sort', 'toSorted', 'join', 'toString', 'toLocaleString', 'indexOf', 'lastIndexOf',
    'includes', 'fill', 'reverse', 'map', 'filter', 'slice', 'set'], checkLength);
  guard(Array, ['from'], (_, args) => checkLength(args[0]));
  guard(Reflect, ['apply', 'construct'], (_, args) => { checkLength(args[1]); checkLength(args[2]); });
  guard(Function.prototype, ['apply'], (_, args) => checkLength(args[1]));
  // Writing JSON calls nothing for plain values: nativeVisit looks at the clock.
  const { stringify } = JSON;
  own(JSON, 'stringify', { stringify(value, replacer, indent) {
    if (typeof replacer === 'function') return stringify(value, replacer, indent);
    if (!isArray(replacer)) return stringify(value, nativeVisit, indent);
    const keep = new Set(replacer.map(String));
    return stringify(value, function (key, item) { return key === '' || isArray(this) || keep.has(key) ? item : undefined; }, indent);
  } }.stringify);
  own(String, 'raw', { raw(site, ...values) {
    const parts = site.raw;
    let out = '';
    for (let i = 0, n = Number(parts.length); i < n; i++) out += `${parts[i]}${i + 1 < n && i < values.length ? values[i] : ''}`;
    return out;
  } }.raw);
  own(Array.prototype, 'flat', { flat(depth = 1) {
    const out = [];
    const walk = (array, left) => {
      checkLength(array);
      for (let i = 0; i < array.length; i++) {
        if (!(i in array)) continue;
        const item = array[i];
        if (left > 0 && isArray(item)) walk(item, left - 1); else out[out.length] = item;
      }
    };
    walk(this, depth);
    return out;
  } }.flat);
  own(Array.prototype, 'flatMap', { flatMap(f, receiver) {
    return this.map((item, i) => apply(f, receiver, [item, i, this])).flat();
  } }.flatMap);

  // Searching a text in another compares them naively: the product of their lengths is the work.
  const checkText = (text, what) => {
    if (text.length > textEasyMax && what.length > textEasyMax && text.length * what.length > textWorkMax) {
      throw new RangeError(`searching ${what.length} characters in ${text.length} is over the limit of ${textWorkMax} comparisons`);
    }
  };
  // Only a regular expression that nobody has tampered with is left to itself; all else is made a text, once.
  const isPattern = (what) => nativeClass(what) === 'regexp' && getPrototypeOf(what) === RegExp.prototype && ownKeys(what).length === 1;
  const textArguments = (names) => {
    for (const name of names) {
      const f = String.prototype[name];
      own(String.prototype, name, { [name](...args) {
        if (this === null || this === undefined) return apply(f, this, args);
        const text = `${this}`;
        if (args.length > 0 && args[0] !== undefined && !isPattern(args[0])) {
          args[0] = `${args[0]}`;
          checkText(text, args[0]);
          checkReplacement(text, args[1]);
        }
        return apply(f, text, args);
      } }[name]);
    }
  };
  textArguments(['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'replaceAll']);

  // A pattern is tried at each character without looking at the limits in between, and a replacement is copied for each match.
  const checkReplacement = (text, what) => {
    if (typeof what === 'string' && text.length > textEasyMax && text.length * what.length > textWorkMax) {
      throw new RangeError(`replacing parts of ${text.length} characters by ${what.length} is over the limit of ${textWorkMax}`);
    }
  };
  guard(RegExp.prototype, [Symbol.replace, Symbol.split, Symbol.match], (_, args) => {
    args[0] = `${args[0]}`;
    if (args[0].length > elementsMax) {
      throw new RangeError(`a text of ${args[0].length} characters is over the limit of ${elementsMax} for patterns`);
    }
    checkReplacement(args[0], args[1]);
  });

  // ---- Time and chance come from outside ----
  own(Math, 'random', { random() { return nativeRandom(); } }.random);
  const EngineDate = Date;
  const HouseDate = function Date(...args) {
    if (new.target === undefined) return new EngineDate(nativeNow()).toString();
    return construct(EngineDate, args.length === 0 ? [nativeNow()] : args, new.target);
  };
  own(EngineDate, 'now', { now() { return nativeNow(); } }.now);
  for (const name of ['now', 'parse', 'UTC']) own(HouseDate, name, EngineDate[name]);
  defineProperty(HouseDate, 'prototype', { value: EngineDate.prototype, writable: false, enumerable: false, configurable: false });
  defineProperty(HouseDate, 'length', { value: 7 });
  own(EngineDate.prototype, 'constructor', HouseDate);
  own(globalThis, 'Date', HouseDate);

  // ---- Functions of the house ----
  const house = (functions) => { for (const name of ownKeys(functions)) own(globalThis, name, functions[name]); };
  // reference turns a document, or an id, into the id.
  const reference = (what, name) => {
    if (typeof what === 'string') return what;
    const id = nativeID(what);
    if (id === undefined) throw new TypeError(`${name}() needs a document or an id`);
    return id;
  };
  const line = (what) => {
    if (typeof what === 'string') return what;
    if (what !== null && typeof what === 'object' && !(what instanceof Error)) {
      const text = JSON.stringify(what);
      if (text !== undefined) return text;
    }
    return String(what);
  };
  const output = (...args) => { nativeOutput(args.length === 1 ? line(args[0]) : args.map(line).join(' ')); };
  const onDocument = (names) => {
    for (const name of names) {
      house({ [name](what, ...args) { return nativeHost(name, reference(what, name), ...args); } });
    }
  };
  const plain = (names) => {
    for (const name of names) house({ [name](...args) { return nativeHost(name, ...args); } });
  };
  house({
    id(what) { const id = nativeID(what); return id === undefined ? null : id; },
    getMetadata(what) { return nativeHost('getMetadata', reference(what, 'getMetadata')); },
    load(what, ...args) { return isArray(what) ? what.map((one) => nativeHost('load', one, ...args)) : nativeHost('load', what, ...args); },
    output,
    startsWith(text, what) { return typeof text === 'string' && text.startsWith(what); },
    endsWith(text, what) { return typeof text === 'string' && text.endsWith(what); },
    regex(text, pattern) { return typeof text === 'string' && new RegExp(pattern).test(text); },
    Raven_Min(a, b) { return compare(a, b) <= 0 ? a : b; },
    Raven_Max(a, b) { return compare(a, b) >= 0 ? a : b; },
    compareDates(a, b, op) { return relate(new EngineDate(a).getTime() - new EngineDate(b).getTime(), op); },
    scalarToRawString(what, path) {
      const names = [];
      const spy = new Proxy({}, { get(_, name) { names.push(name); return spy; } });
      path(spy);
      return nativeRaw(what, ...names);
    },
    timeseries(what, name) {
      const id = reference(what, 'timeseries');
      const call = (verb) => ({ [verb](...args) { return nativeHost(`timeseries.${verb}`, id, name, ...args); } })[verb];
      return { append: call('append'), delete: call('delete'), get: call('get'), increment: call('increment'), getStats: call('getStats') };
    },
    attachments(what, name) {
      const id = reference(what, 'attachments');
      const call = (verb) => (...args) => nativeHost(`attachments.${verb}`, id, name, ...args);
      return { delete: call('delete'), copyFrom: call('copyFrom'), remote: call('remote') };
    },
  });
  onDocument(['lastModified', 'counter', 'counterRaw', 'incrementCounter', 'deleteCounter']);
  plain(['put', 'del', 'cmpxchg', 'include', 'loadPath', 'toStringWithFormat', 'convertJsTimeToTimeSpanString', 'convertToTimeSpanString']);
  own(globalThis, 'archived', {
    archiveAt(what, when) { return nativeHost('archived.archiveAt', reference(what, 'archiveAt'), when); },
    unarchive(what) { return nativeHost('archived.unarchive', reference(what, 'unarchive')); },
  });
  own(globalThis, 'console', { log: output, info: output, warn: output, error: output, debug: output });

  // compare orders two values; of a number and a text, the text is read as a number.
  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'string') b = parseFloat(b);
    if (typeof a === 'string' && typeof b === 'number') a = parseFloat(a);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  function relate(difference, op) {
    switch (op) {
      case undefined: return Math.sign(difference);
      case '>': case 'GreaterThan': return difference > 0;
      case '>=': case 'GreaterThanOrEqual': return difference >= 0;
      case '<': case 'LessThan': return difference < 0;
      case '<=': case 'LessThanOrEqual': return difference <= 0;
      case '==': case 'Equal': return difference === 0;
      case '!=': case 'NotEqual': return difference !== 0;
      default: throw new TypeError(`compareDates() knows no relation ${String(op)}`);
    }
  }
  own(Object, 'map', { map(object, f) { return Object.keys(object).map((key) => f(object[key], key)); } }.map);
  own(String.prototype, 'format', { format(...args) {
    return `${this}`.replace(/\{(\d+)\}/g, (whole, i) => (i < args.length ? `${args[i]}` : whole));
  } }.format);

  // ---- Nothing stays ----
  // Assigning a property that a frozen prototype has is refused in the language. Where scripts do that to objects of their
  // own (a name for an error, a toString), the prototype's property becomes one with a setter that lets them.
  const allowOverride = (proto) => {
    for (const name of ownKeys(proto)) {
      const d = getOwnPropertyDescriptor(proto, name);
      if (!('value' in d) || !d.configurable) continue;
      const value = d.value;
      defineProperty(proto, name, {
        get() { return value; },
        set(v) {
          if (this === proto) throw new TypeError(`${String(name)} of a built-in cannot be changed`);
          if (this === null || typeof this !== 'object' && typeof this !== 'function') return;
          defineProperty(this, name, { value: v, writable: true, enumerable: true, configurable: true });
        },
        enumerable: false, configurable: false,
      });
    }
  };
  allowOverride(Object.prototype);
  allowOverride(Date.prototype);
  for (const name of ownKeys(globalThis)) {
    const value = globalThis[name];
    if (typeof value === 'function' && value.prototype && (value === Error || getPrototypeOf(value) === Error)) allowOverride(value.prototype);
  }
  const seen = new Set();
  const freezeAll = (value) => {
    if (value === null || typeof value !== 'object' && typeof value !== 'function' || seen.has(value)) return;
    seen.add(value);
    freeze(value);
    freezeAll(getPrototypeOf(value));
    for (const key of ownKeys(value)) {
      const d = getOwnPropertyDescriptor(value, key);
      if ('value' in d) freezeAll(d.value); else { freezeAll(d.get); freezeAll(d.set); }
    }
  };
  // What only syntax and calls reach.
  const hidden = [
    function* () {}, async function () {}, async function* () {}, (function* () {})(), (async function* () {})(),
    [][Symbol.iterator](), ''[Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](),
    'a'.matchAll(/a/g), (function () { return arguments; })(),
  ];
  if (typeof Iterator === 'function') {
    hidden.push([].values().map((x) => x), Iterator.from({ next() { return { done: true }; } }));
  }
  for (const value of hidden) freezeAll(getPrototypeOf(value));
  freezeAll(globalThis);
  return nativeVisit;
})
