"use strict";

// A framework as somebody would have written it for Mesos with the npm package mesos-framework. Launches and kills the tasks
// that standard input names (launch NAME COMMAND, kill NAME, reconcile, teardown) and prints what it hears (subscribed ID,
// update NAME STATE, disconnected WHY). The package knows a changed leader only through DNS; here ZooKeeper tells, read
// with the client that the package brings.
//
// Arguments: hosts of ZooKeeper, path of the masters, folder for the package's log.

const readline = require("readline");
const { Scheduler, Mesos } = require("mesos-framework");
const zookeeper = require("node-zookeeper-client");

const [hosts, path, logs] = process.argv.slice(2);
const mesos = Mesos.getMesos();
const say = line => console.log(line);

let scheduler;
let leader = "";
const names = new Map(); // name as given to the id made by the package
const agents = new Map();

function follow(address) {
    const at = address.hostname + ":" + address.port;
    if (at === leader) {
        return;
    }
    leader = at;
    if (!scheduler) {
        start(address);
        return;
    }
    scheduler.options.masterUrl = address.hostname;
    scheduler.options.port = address.port;
    subscribeAgain();
}

function subscribeAgain() {
    scheduler.mesosStreamId = undefined;
    scheduler.generateRequestTemplate();
    scheduler.subscribe();
}

function start(address) {
    scheduler = new Scheduler({
        masterUrl: address.hostname,
        port: address.port,
        frameworkName: "node",
        masterConnectionTimeout: 60,
        restartStates: [],
        logging: { path: logs, fileName: "mesos-framework.log", level: "debug" },
        tasks: {}
    });
    scheduler.on("ready", () => scheduler.subscribe());
    scheduler.on("subscribed", event => say("subscribed " + event.frameworkId));
    scheduler.on("update", event => {
        const status = event.status;
        agents.set(status.task_id.value, status.agent_id.value);
        for (const task of scheduler.launchedTasks) {
            names.set(task.mesosName, task.taskId);
        }
        const known = [...names].find(([, id]) => id === status.task_id.value);
        say("update " + (known ? known[0] : status.task_id.value) + " " + status.state);
    });
    scheduler.on("error", error => {
        const why = String(error.message || error);
        say("disconnected " + why);
        if (why.startsWith("Error registering")) { // the new leader is not ready yet: 503
            setTimeout(subscribeAgain, 500);
        }
    });
}

function launch(name, command) {
    scheduler.pendingTasks.push({
        name: name,
        priority: 1,
        isSubmitted: false,
        commandInfo: new mesos.CommandInfo(null, null, true, command, null, null),
        resources: { cpus: 0.1, mem: 32, disk: 0, ports: 1 }
    });
    scheduler.revive();
}

const orders = {
    launch: (name, command) => launch(name, command),
    kill: name => scheduler.kill(names.get(name), agents.get(names.get(name))),
    reconcile: () => scheduler.reconcile(),
    teardown: () => {
        scheduler.on("sent_teardown", () => {
            say("ended");
            process.exit(0);
        });
        scheduler.teardown();
    }
};

readline.createInterface({ input: process.stdin }).on("line", line => {
    const [order, name, ...rest] = line.split(" ");
    orders[order](name, rest.join(" "));
});

const client = zookeeper.createClient(hosts);

function watch() {
    client.getChildren(path, watch, (error, children) => {
        if (error) {
            say("disconnected ZooKeeper " + error);
            setTimeout(watch, 500);
            return;
        }
        const candidates = children.filter(child => child.startsWith("json.info_")).sort();
        if (candidates.length > 0) {
            client.getData(path + "/" + candidates[0], (problem, data) => {
                if (!problem) {
                    follow(JSON.parse(data.toString("utf8")).address);
                }
            });
        }
    });
}

client.once("connected", watch);
client.connect();
