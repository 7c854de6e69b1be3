package io.paddock.proto.domain;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.ProtocolMessageEnum;
import java.util.Locale;
import java.util.Optional;

/** A call of a v1 API carries its arguments in the field named as its type: {@code KILL} in {@code kill}. */
public final class CallParts {
    private CallParts() {}

    /** The name of the field a call of that type must have and has not. */
    public static Optional<String> missing(MessageOrBuilder call, ProtocolMessageEnum type) {
        String name = type.getValueDescriptor().getName().toLowerCase(Locale.ROOT);
        FieldDescriptor part = call.getDescriptorForType().findFieldByName(name);
        return part == null || call.hasField(part) ? Optional.empty() : Optional.of(name);
    }
}
