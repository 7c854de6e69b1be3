package io.paddock.proto.domain;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.paddock.proto.v1.Secret;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Messages as readers may see them: that there is a secret, and what it refers to, but not its value. Mesos shows the value to
 * everybody who may read {@code /state}.
 */
public final class WithoutSecrets {
    private static final Map<Descriptor, List<FieldDescriptor>> LEADING_TO_SECRETS = new ConcurrentHashMap<>();

    private WithoutSecrets() {}

    /** The same message if there is no value of a secret in it, or else a copy without. Costs nothing where none can be. */
    @SuppressWarnings("unchecked") // of a builder of the same type
    public static <M extends Message> M of(M message) {
        return (M) hidden(message);
    }

    private static Message hidden(Message message) {
        if (message instanceof Secret secret) {
            return secret.hasValue() ? secret.toBuilder().clearValue().build() : secret;
        }
        Message.Builder copy = null;
        for (FieldDescriptor field : leadingToSecrets(message.getDescriptorForType())) {
            int count = field.isRepeated() ? message.getRepeatedFieldCount(field) : message.hasField(field) ? 1 : 0;
            for (int i = 0; i < count; i++) {
                Message shown =
                        (Message) (field.isRepeated() ? message.getRepeatedField(field, i) : message.getField(field));
                Message hidden = hidden(shown);
                if (hidden == shown) {
                    continue;
                }
                copy = copy == null ? message.toBuilder() : copy;
                if (field.isRepeated()) {
                    copy.setRepeatedField(field, i, hidden);
                } else {
                    copy.setField(field, hidden);
                }
            }
        }
        return copy == null ? message : copy.buildPartial();
    }

    private static List<FieldDescriptor> leadingToSecrets(Descriptor type) {
        List<FieldDescriptor> known = LEADING_TO_SECRETS.get(type);
        if (known == null) {
            known = type.getFields().stream()
                    .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                    .filter(field -> leads(field.getMessageType(), new LinkedHashSet<>()))
                    .toList();
            LEADING_TO_SECRETS.put(type, known);
        }
        return known;
    }

    private static boolean leads(Descriptor type, Set<Descriptor> seen) {
        return type.equals(Secret.getDescriptor())
                || seen.add(type)
                        && type.getFields().stream()
                                .anyMatch(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                                        && leads(field.getMessageType(), seen));
    }
}
