// Loaded into Azurite (node --require): it finds rows by their keys, as table storage does. As it comes it looks at every row of a partition to find one,
// and at every row of a table to find a partition, so that measurements with many rows would measure the emulator. What it answers stays the same.
"use strict";
const { Collection } = require("lokijs");
const Store = require("azurite/dist/src/table/persistence/LokiTableMetadataStore").default;

/** The rows of one table by partition and row key. */
class Keys {
  constructor(collection) {
    this.collection = collection;
    this.build();
    collection.on(["insert", "update"], (row) => this.add(row));
    collection.on("delete", (row) => this.take(row));
  }

  build() {
    this.partitions = new Map();
    this.count = 0;
    this.collection.data.forEach((row) => this.add(row));
  }

  add(row) {
    if (!this.partitions.has(row.PartitionKey)) { this.partitions.set(row.PartitionKey, new Map()); }
    const rows = this.partitions.get(row.PartitionKey);
    this.count += rows.has(row.RowKey) ? 0 : 1;
    rows.set(row.RowKey, row);
  }

  take(row) {
    const rows = this.partitions.get(row.PartitionKey);
    this.count -= rows?.delete(row.RowKey) ? 1 : 0;
    if (rows?.size === 0) { this.partitions.delete(row.PartitionKey); }
  }

  of(partition) {
    if (this.count !== this.collection.data.length) { this.build(); } // Whatever changed the collection unheard.
    return this.partitions.get(partition);
  }
}

const known = new WeakMap();
const keysOf = (collection) => {
  if (!known.has(collection)) { known.set(collection, new Keys(collection)); }
  return known.get(collection);
};

/** What Azurite asks of a result, over an array. */
class Rows {
  constructor(rows) { this.rows = rows; }
  where(holds) { return new Rows(this.rows.filter(holds)); }
  sort(compare) { return new Rows([...this.rows].sort(compare)); }
  limit(count) { return new Rows(this.rows.slice(0, count)); }
  data() { return this.rows; }
}

const findOne = Collection.prototype.findOne;
Collection.prototype.findOne = function (query) {
  const { PartitionKey, RowKey, messageId, ...others } = query ?? {};
  if (typeof PartitionKey === "string" && typeof RowKey === "string" && Object.keys(others).length === 0) {
    return keysOf(this).of(PartitionKey)?.get(RowKey) ?? null;
  }
  return findOne.call(this, messageId === undefined ? query : { messageId, ...others }); // The first member's index is the one that is used.
};

// Removing nothing leaves the indexes as they are: with every look at a queue it takes away what has expired, mostly nothing, and would sort everything anew.
const removeBatch = Collection.prototype.removeBatch;
Collection.prototype.removeBatch = function (rows) {
  if (!Array.isArray(rows) || rows.length > 0) { removeBatch.call(this, rows); }
};

// A query of one partition: only its rows are looked at. Whatever the filter says beyond that is asked of them as before.
const partitionOf = (filter) => {
  const match = /^\(*PartitionKey eq '((?:[^']|'')*)'\)*(?: and .*)?$/s.exec(filter ?? "");
  return match && !/ or |not/i.test(filter.replace(/'(?:[^']|'')*'/g, "''")) ? match[1].replaceAll("''", "'") : undefined;
};
const queryTableEntities = Store.prototype.queryTableEntities;
Store.prototype.queryTableEntities = function (context, account, table, options, ...rest) {
  const partition = partitionOf(options.filter);
  const one = partition === undefined ? this : Object.create(this, {
    getEntityCollection: {
      value: (...asked) => {
        const rows = [...keysOf(this.getEntityCollection(...asked)).of(partition)?.values() ?? []];
        return { chain: () => new Rows(rows) };
      },
    },
  });
  return queryTableEntities.call(one, context, account, table, options, ...rest);
};
