package io.paddock.agent.server.containers;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.Volume;

/** Short words for what tests ask for. */
final class ContainerInfos {
    private ContainerInfos() {}

    static ContainerInfo.Builder docker(String image, String... parameters) {
        ContainerInfo.DockerInfo.Builder docker =
                ContainerInfo.DockerInfo.newBuilder().setImage(image);
        for (String parameter : parameters) {
            String[] parts = parameter.split("=", 2);
            docker.addParameters(Parameter.newBuilder().setKey(parts[0]).setValue(parts[1]));
        }
        return ContainerInfo.newBuilder().setType(ContainerInfo.Type.DOCKER).setDocker(docker);
    }

    static Image image(String name) {
        return Image.newBuilder()
                .setType(Image.Type.DOCKER)
                .setDocker(Image.Docker.newBuilder().setName(name))
                .build();
    }

    static ContainerInfo.Builder mesos(Image image) {
        return plain().setMesos(ContainerInfo.MesosInfo.newBuilder().setImage(image));
    }

    static ContainerInfo.Builder mesos(String image) {
        return mesos(image(image));
    }

    /** On the host's files. */
    static ContainerInfo.Builder plain() {
        return ContainerInfo.newBuilder().setType(ContainerInfo.Type.MESOS);
    }

    static NetworkInfo network(String name) {
        return NetworkInfo.newBuilder().setName(name).build();
    }

    static Volume.Builder volume(String containerPath) {
        return Volume.newBuilder().setMode(Volume.Mode.RW).setContainerPath(containerPath);
    }

    static Secret secret(String value) {
        return Secret.newBuilder()
                .setType(Secret.Type.VALUE)
                .setValue(Secret.Value.newBuilder().setData(ByteString.copyFromUtf8(value)))
                .build();
    }

    /** {@code name} or {@code name/key}. */
    static Secret reference(String name) {
        String[] parts = name.split("/", 2);
        Secret.Reference.Builder reference = Secret.Reference.newBuilder().setName(parts[0]);
        if (parts.length == 2) {
            reference.setKey(parts[1]);
        }
        return Secret.newBuilder()
                .setType(Secret.Type.REFERENCE)
                .setReference(reference)
                .build();
    }
}
