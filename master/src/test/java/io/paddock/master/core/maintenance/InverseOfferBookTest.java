package io.paddock.master.core.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.master.core.maintenance.InverseOfferBook.Ask;
import io.paddock.master.core.maintenance.InverseOfferBook.Outstanding;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.allocator.InverseOfferStatus;
import io.paddock.proto.v1.allocator.InverseOfferStatus.Status;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is asked to leave an agent, when, and when again. */
class InverseOfferBookTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000);
    private final InverseOfferBook book = new InverseOfferBook();
    private int ids;

    private static Unavailability at(long seconds) {
        return Unavailability.newBuilder()
                .setStart(TimeInfo.newBuilder().setNanoseconds(seconds * 1_000_000_000L))
                .build();
    }

    private List<String> ask(Instant now, String agent, String... users) {
        List<Ask> asks = book.due(now, agent, List.of(users));
        asks.forEach(ask -> book.asked(now, "o" + ++ids, ask));
        return asks.stream().map(Ask::frameworkId).toList();
    }

    private List<Status> statuses(String agent) {
        return book.statuses(agent).stream().map(InverseOfferStatus::getStatus).toList();
    }

    @Test
    void eachUserOfAPlannedAgentIsAskedOnce() {
        assertThat(ask(NOW, "a1", "f1")).isEmpty();
        book.planned("a1", at(5_000));
        assertThat(ask(NOW, "a1", "f1", "f2")).containsExactly("f1", "f2");
        assertThat(ask(NOW, "a1", "f1", "f2", "f3")).containsExactly("f3");
        assertThat(ask(NOW, "a2", "f1")).isEmpty();
        assertThat(statuses("a1")).containsExactly(Status.UNKNOWN, Status.UNKNOWN, Status.UNKNOWN);
        assertThat(book.outstanding()).extracting(Outstanding::frameworkId).containsExactly("f1", "f2", "f3");
    }

    @Test
    void afterAnAnswerItIsQuietUntilTheFilterEnds() {
        book.planned("a1", at(5_000));
        ask(NOW, "a1", "f1", "f2");
        book.answered(NOW, "f1", "o1", Status.DECLINE, NOW.plusSeconds(5));
        book.answered(NOW, "f2", "o2", Status.ACCEPT, NOW.plusSeconds(60));
        assertThat(book.nextDeadline(NOW)).contains(NOW.plusSeconds(5));
        assertThat(ask(NOW.plusSeconds(4), "a1", "f1", "f2")).isEmpty();
        assertThat(ask(NOW.plusSeconds(5), "a1", "f1", "f2")).containsExactly("f1");
        assertThat(statuses("a1")).containsExactly(Status.DECLINE, Status.ACCEPT);
        book.revived("f2");
        assertThat(ask(NOW.plusSeconds(6), "a1", "f1", "f2")).containsExactly("f2");
    }

    @Test
    void anAnswerWithoutAFilterIsFollowedByTheNextQuestionAtOnce() {
        book.planned("a1", at(5_000));
        ask(NOW, "a1", "f1");
        book.answered(NOW, "f1", "o1", Status.ACCEPT, null);
        assertThat(ask(NOW, "a1", "f1")).containsExactly("f1");
    }

    @Test
    void answersToWhatIsNotThereOrAnothersCountForNothing() {
        book.planned("a1", at(5_000));
        ask(NOW, "a1", "f1");
        book.answered(NOW, "f2", "o1", Status.ACCEPT, null);
        book.answered(NOW, "f1", "o9", Status.ACCEPT, null);
        assertThat(statuses("a1")).containsExactly(Status.UNKNOWN);
        assertThat(book.outstanding()).hasSize(1);
    }

    @Test
    void aChangedPlanMakesAnswersVoidAndTheSamePlanDoesNot() {
        book.planned("a1", at(5_000));
        ask(NOW, "a1", "f1");
        book.answered(NOW, "f1", "o1", Status.ACCEPT, NOW.plusSeconds(60));
        book.planned("a1", at(5_000));
        assertThat(statuses("a1")).containsExactly(Status.ACCEPT);
        assertThat(ask(NOW, "a1", "f1")).isEmpty();
        book.planned("a1", at(6_000));
        assertThat(statuses("a1")).isEmpty();
        assertThat(ask(NOW, "a1", "f1")).containsExactly("f1");
        book.withdraw("a1");
        book.planned("a1", null);
        assertThat(ask(NOW, "a1", "f1")).isEmpty();
        assertThat(book.agents()).isEmpty();
    }

    @Test
    void whatIsWithdrawnIsAskedAgainAndAForgottenFrameworkLeavesNoAnswer() {
        book.planned("a1", at(5_000));
        book.planned("a2", at(5_000));
        ask(NOW, "a1", "f1", "f2");
        ask(NOW, "a2", "f1");
        assertThat(book.withdraw("a1")).extracting(Outstanding::id).containsExactly("o1", "o2");
        assertThat(ask(NOW, "a1", "f2")).containsExactly("f2");
        assertThat(book.withdrawFrom("f1")).extracting(Outstanding::id).containsExactly("o3");
        book.forget("f1");
        assertThat(book.statuses("a2")).isEmpty();
        assertThat(book.statuses("a1"))
                .extracting(s -> s.getFrameworkId().getValue())
                .containsExactly("f2");
    }
}
