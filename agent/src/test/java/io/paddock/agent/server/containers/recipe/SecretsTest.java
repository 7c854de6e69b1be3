package io.paddock.agent.server.containers.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
    @Test
    void aSecretIsWhatItsTypeSays(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("name"), "referred to");
        Secrets secrets = new Secrets(Optional.of(directory));
        Secret.Builder secret = Secret.newBuilder();
        secret.getReferenceBuilder().setName("name");
        secret.getValueBuilder().setData(ByteString.copyFromUtf8("given"));

        assertThat(secrets.bytes(secret.setType(Secret.Type.REFERENCE).build(), "s"))
                .asString()
                .isEqualTo("referred to");
        assertThat(secrets.bytes(secret.setType(Secret.Type.VALUE).build(), "s"))
                .asString()
                .isEqualTo("given");
        assertThat(secrets.bytes(secret.clearType().build(), "s")).asString().isEqualTo("given");
        assertThatThrownBy(() -> secrets.bytes(
                        secret.setType(Secret.Type.VALUE).clearValue().build(), "s"))
                .hasMessage("s: a secret by value or reference expected");
    }
}
