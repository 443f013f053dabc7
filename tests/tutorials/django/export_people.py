import json

from django.contrib.auth import get_user_model

for user in get_user_model().objects.prefetch_related("groups").iterator(chunk_size=500):
    usable = user.has_usable_password()
    print(
        json.dumps(
            {
                "email": user.email or None,
                "username": user.get_username(),
                "name": user.get_full_name() or None,
                "password_hash": user.password if usable else None,
                "roles": [group.name.lower().replace(" ", "-") for group in user.groups.all()]
                + (["admin"] if user.is_superuser else []),
                "disabled": not user.is_active,
            }
        )
    )
