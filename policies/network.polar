# Who may see what, for every company. The facts a rule may read stand in policies/facts.py; the load-time check
# (policies/check.py) refuses any other. Every rule ends in the reason that `explain` prints. Fields are bits of a
# mask; "exists" is bit 0. Rules only ever open; `deny_…` rules, subtracted from them, only ever close.

### Sides, read

# Open is what no access policy of the company restricts to some of its people.
side_field(viewer, "read", side, field, "the company's own side") if
    side.own = true and viewer.hide_private = false and
    side.viewer_status = "ACCEPTED" and field in side.open_read;

side_field(viewer, "read", side, field, reason) if
    side.own = true and viewer.hide_private = false and
    side.viewer_status = "ACCEPTED" and allow_own_field(viewer, "read", side, field, reason);

side_field(viewer, "read", side, "exists", "the company's own side, private fields hidden") if
    side.own = true and viewer.hide_private = true and side.viewer_status = "ACCEPTED" and
    "exists" in side.open_read;

side_field(viewer, "read", side, "exists", reason) if
    side.own = true and viewer.hide_private = true and side.viewer_status = "ACCEPTED" and
    allow_own_field(viewer, "read", side, "exists", reason);

side_field(viewer, "read", side, field, "the company's own side, shared with somebody") if
    side.own = true and viewer.hide_private = true and
    side.viewer_status = "ACCEPTED" and field in side.shared and field in side.open_read;

side_field(viewer, "read", side, field, reason) if
    side.own = true and viewer.hide_private = true and
    side.viewer_status = "ACCEPTED" and field in side.shared and
    allow_own_field(viewer, "read", side, field, reason);

side_field(_viewer, "read", side, "exists", "a participant knows of the other participants' sides") if
    side.own = false and side.viewer_status = "ACCEPTED" and side.owner_status = "ACCEPTED";

side_field(_viewer, "read", side, field, "shared with all participants") if
    side.own = false and side.viewer_status = "ACCEPTED" and side.owner_status = "ACCEPTED" and
    field in side.to_participants;

side_field(_viewer, "read", side, field, "shared with the company by name") if
    side.own = false and side.viewer_status = "ACCEPTED" and side.owner_status = "ACCEPTED" and
    field in side.to_company;

side_field(_viewer, "read", side, field, "shared with the person by name") if
    side.own = false and side.viewer_status = "ACCEPTED" and side.owner_status = "ACCEPTED" and
    field in side.to_person;

# A company's own text may open more of its own sides, to participants only.
side_field(viewer, "read", side, field, reason) if
    side.own = false and side.viewer_status = "ACCEPTED" and side.owner_status = "ACCEPTED" and
    allow_side_field(viewer, "read", side, field, reason);

### Sides, write

side_field(viewer, "update", side, field, "a participant writes its own side") if
    viewer.writes = true and side.own = true and side.viewer_status = "ACCEPTED" and
    (field in side.open_read or allow_own_field(viewer, "read", side, field, _for_reading)) and
    (field in side.open_update or allow_own_field(viewer, "update", side, field, _for_writing));

side_field(viewer, "share", side, field, "a participant shares its own side") if
    viewer.writes = true and side.own = true and side.viewer_status = "ACCEPTED" and
    (field in side.open_read or allow_own_field(viewer, "read", side, field, _for_reading)) and
    (field in side.open_share or allow_own_field(viewer, "share", side, field, _for_sharing));

### Joint fields, read

joint_field(_viewer, "read", record, field, "participants see every joint field") if
    record.viewer_status = "ACCEPTED" and field in record.open_read;

joint_field(viewer, "read", record, field, reason) if
    record.viewer_status = "ACCEPTED" and allow_joint_field(viewer, "read", record, field, reason);

joint_field(_viewer, "read", record, "exists", "an invitation names its record") if
    record.viewer_status = "INVITED" and "exists" in record.open_read;

joint_field(viewer, "read", record, "exists", reason) if
    record.viewer_status = "INVITED" and allow_joint_field(viewer, "read", record, "exists", reason);

joint_field(_viewer, "read", record, field, "shown to invited companies") if
    record.viewer_status = "INVITED" and field in record.to_invited and field in record.open_read;

joint_field(viewer, "read", record, field, reason) if
    record.viewer_status = "INVITED" and field in record.to_invited and
    allow_joint_field(viewer, "read", record, field, reason);

### Records, write. The action itself is the bit "exists".

joint_field(viewer, "update", record, field, "owners and collaborators write the joint fields") if
    viewer.writes = true and record.viewer_status = "ACCEPTED" and
    record.viewer_role in ["OWNER", "COLLABORATOR"] and
    (field in record.open_read or allow_joint_field(viewer, "read", record, field, _for_reading)) and
    (field in record.open_update or allow_joint_field(viewer, "update", record, field, _for_writing));

joint_field(viewer, "invite", record, "exists", "owners and collaborators invite") if
    viewer.writes = true and record.viewer_status = "ACCEPTED" and
    record.viewer_role in ["OWNER", "COLLABORATOR"] and
    ("exists" in record.open_invite or allow_joint_field(viewer, "invite", record, "exists", _for_this));

joint_field(viewer, "respond", record, "exists", "an invited company answers") if
    viewer.writes = true and record.viewer_status = "INVITED" and
    ("exists" in record.open_respond or allow_joint_field(viewer, "respond", record, "exists", _for_this));

joint_field(viewer, "withdraw", record, "exists", "a participant may leave, save the owner") if
    viewer.writes = true and record.viewer_status = "ACCEPTED" and
    record.viewer_role in ["COLLABORATOR", "VIEWER", "PARTICIPANT"] and
    ("exists" in record.open_withdraw or allow_joint_field(viewer, "withdraw", record, "exists", _for_this));

### The list of participants

participant_field(_viewer, "read", participant, "exists", "participants know who takes part or is invited") if
    participant.viewer_status = "ACCEPTED" and participant.status in ["ACCEPTED", "INVITED"];

participant_field(_viewer, "read", participant, "exists", "the company's own place") if
    participant.own = true and participant.viewer_status in ["ACCEPTED", "INVITED"];

participant_field(_viewer, "read", participant, "exists", "an invited company knows who owns the record") if
    participant.viewer_status = "INVITED" and participant.role = "OWNER" and participant.status = "ACCEPTED";

participant_field(_viewer, "read", participant, "exists", "owners and collaborators know who declined or left") if
    participant.viewer_status = "ACCEPTED" and participant.viewer_role in ["OWNER", "COLLABORATOR"] and
    participant.status in ["DECLINED", "WITHDRAWN"];

participant_field(_viewer, "read", participant, "message", "what the company's invitation says") if
    participant.own = true and participant.viewer_status = "INVITED";

participant_field(_viewer, "read", participant, "message", "owners and collaborators know what invitations say") if
    participant.viewer_status = "ACCEPTED" and participant.viewer_role in ["OWNER", "COLLABORATOR"] and
    participant.status = "INVITED";

### What a company declares at run time: templates, rules, policies

company_field(viewer, "define", _company, "exists", "admins define what their company has") if viewer.admin = true;

### What a company's own text may add to; empty here. `allow_own_field` and `allow_joint_field` are for what is compiled
### of its access policies alone: they let its own people do what these restrict.

allow_side_field(_viewer, _action, _side, _field, _reason) if false;
deny_side_field(_viewer, _action, _side, _field, _reason) if false;
deny_joint_field(_viewer, _action, _record, _field, _reason) if false;
allow_own_field(_viewer, _action, _side, _field, _reason) if false;
allow_joint_field(_viewer, _action, _record, _field, _reason) if false;
