# What one would write without thinking: a rule for each way to see a field, asked for every field of every object.

allow_field(viewer: Viewer, "read", side: Side, _field: String) if
    side.company = viewer.company and side.viewer_status = "ACCEPTED";

allow_field(viewer: Viewer, "read", side: Side, field: String) if
    side.company != viewer.company and side.viewer_status = "ACCEPTED" and side.status = "ACCEPTED" and
    side.shared_with(viewer, field);

allow_field(_viewer: Viewer, "read", record: Record, _field: String) if
    record.viewer_status in ["ACCEPTED", "INVITED"];

allow_field(_viewer: Viewer, "read", participant: Participant, _field: String) if
    participant.viewer_status = "ACCEPTED" and participant.status in ["ACCEPTED", "INVITED"];

allow_field(viewer: Viewer, "read", participant: Participant, _field: String) if
    participant.company = viewer.company;

allow_field(_viewer: Viewer, "read", participant: Participant, _field: String) if
    participant.role = "OWNER" and participant.status = "ACCEPTED";

allow_field(_viewer: Viewer, "read", participant: Participant, _field: String) if
    participant.viewer_status = "ACCEPTED" and participant.viewer_role in ["OWNER", "COLLABORATOR"];
