package io.paddock.proto.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.Volume;
import org.junit.jupiter.api.Test;

class WithoutSecretsTest {
    private static final String WORD = "open sesame";
    private static final Secret BY_VALUE = Secret.newBuilder()
            .setType(Secret.Type.VALUE)
            .setValue(Secret.Value.newBuilder().setData(ByteString.copyFromUtf8(WORD)))
            .build();
    private static final Secret BY_NAME = Secret.newBuilder()
            .setType(Secret.Type.REFERENCE)
            .setReference(Secret.Reference.newBuilder().setName("cave"))
            .build();

    @Test
    void noValueIsLeftWhereverItWas() {
        Environment environment = Environment.newBuilder()
                .addVariables(variable("PLAIN").setValue("seen"))
                .addVariables(variable("HIDDEN").setSecret(BY_VALUE))
                .addVariables(variable("NAMED").setSecret(BY_NAME))
                .build();
        ContainerInfo.Builder container = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addVolumes(Volume.newBuilder()
                        .setMode(Volume.Mode.RO)
                        .setContainerPath("key")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SECRET)
                                .setSecret(BY_VALUE)));
        container
                .getMesosBuilder()
                .getImageBuilder()
                .setType(Image.Type.DOCKER)
                .getDockerBuilder()
                .setName("i")
                .setConfig(BY_VALUE);
        Task.Builder task = Task.newBuilder()
                .setName("t")
                .setTaskId(io.paddock.proto.v1.TaskID.newBuilder().setValue("t"))
                .setContainer(container);
        task.getHealthCheckBuilder().getCommandBuilder().setEnvironment(environment);

        Task shown = WithoutSecrets.of(task.buildPartial());

        assertThat(shown.toString()).doesNotContain(WORD).contains("seen", "cave", "key");
        assertThat(shown.getContainer().getVolumes(0).getSource().getSecret().getType())
                .isEqualTo(Secret.Type.VALUE);
        ExecutorInfo.Builder executor = ExecutorInfo.newBuilder();
        executor.getCommandBuilder().setEnvironment(environment);
        assertThat(WithoutSecrets.of(executor.buildPartial()).toString())
                .doesNotContain(WORD)
                .contains("HIDDEN");
    }

    @Test
    void whatHasNoneStaysTheSame() {
        Environment plain = Environment.newBuilder()
                .addVariables(variable("NAMED").setSecret(BY_NAME))
                .build();

        assertThat(WithoutSecrets.of(plain)).isSameAs(plain);
    }

    private static Environment.Variable.Builder variable(String name) {
        return Environment.Variable.newBuilder().setName(name);
    }
}
