from housekey import UserMixin

from .extensions import db, login_manager


class User(UserMixin, db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(64), unique=True, nullable=False)
    role = db.Column(db.String(20), nullable=False, default="guest")

    def has_role(self, *roles):
        return self.role in roles


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))
