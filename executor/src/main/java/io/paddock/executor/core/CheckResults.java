package io.paddock.executor.core;

import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CheckStatusInfo;

/** The results of {@code TaskInfo.check} as task statuses carry them. */
final class CheckResults {
    private CheckResults() {}

    /** No result yet, or none to be had: the typed message, empty. */
    static CheckStatusInfo none(CheckInfo check) {
        CheckStatusInfo.Builder status = CheckStatusInfo.newBuilder().setType(check.getType());
        switch (check.getType()) {
            case COMMAND -> status.setCommand(CheckStatusInfo.Command.getDefaultInstance());
            case HTTP -> status.setHttp(CheckStatusInfo.Http.getDefaultInstance());
            case TCP -> status.setTcp(CheckStatusInfo.Tcp.getDefaultInstance());
            case UNKNOWN -> {}
        }
        return status.build();
    }

    static CheckStatusInfo of(CheckInfo check, CheckOutcome outcome) {
        CheckStatusInfo.Builder status = none(check).toBuilder();
        if (outcome instanceof CheckOutcome.CommandExited command) {
            status.getCommandBuilder().setExitCode(command.code());
        } else if (outcome instanceof CheckOutcome.HttpAnswered http) {
            status.getHttpBuilder().setStatusCode(http.statusCode());
        } else if (outcome instanceof CheckOutcome.TcpTried tcp) {
            status.getTcpBuilder().setSucceeded(tcp.connected());
        }
        return status.build();
    }
}
